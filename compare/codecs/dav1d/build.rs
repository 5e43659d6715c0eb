//! Links the system's dav1d.

fn main() {
    println!("cargo:rustc-link-lib=dav1d");
    println!("cargo:rerun-if-changed=build.rs");
}
