//! Links the system's libaom.

fn main() {
    println!("cargo:rustc-link-lib=aom");
    println!("cargo:rerun-if-changed=build.rs");
}
