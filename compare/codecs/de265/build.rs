//! Links the system's libde265.

fn main() {
    println!("cargo:rustc-link-lib=de265");
    println!("cargo:rerun-if-changed=build.rs");
}
