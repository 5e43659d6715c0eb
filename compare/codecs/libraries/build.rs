//! Compiles the C code, and links the system's libraries.

fn main() {
    let header = "../../../capi/include/frame_arena.h";
    cc::Build::new()
        .files(["libraries.c", "exr.c"])
        .include("../../../capi/include")
        .include("/usr/include/OpenEXR")
        .include("/usr/include/Imath")
        .std("c11")
        .warnings_into_errors(true)
        .compile("codecs-libraries");
    for library in ["zstd", "brotlidec", "brotlienc", "png", "OpenEXRCore"] {
        println!("cargo:rustc-link-lib={library}");
    }
    for file in ["libraries.c", "exr.c", "libraries.h", header, "build.rs"] {
        println!("cargo:rerun-if-changed={file}");
    }
}
