//! What the programs have in common: a file is decoded some times to 8-bit red, green, blue and
//! alpha.

mod run;

pub use run::run;
