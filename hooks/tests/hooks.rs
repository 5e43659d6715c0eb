//! The callbacks of the hooks, called as a decoder calls them.

#[path = "hooks/dav1d.rs"]
mod dav1d;
