//! Links the system's libvpx.

fn main() {
    println!("cargo:rustc-link-lib=vpx");
    println!("cargo:rerun-if-changed=build.rs");
}
