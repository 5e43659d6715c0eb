//! Shared code of the programs, which decode a file several times to 8-bit red, green, blue and
//! alpha.

mod run;

pub use run::run;
