//! Compiles the C code with the headers of the system's FFmpeg, and links that.

fn main() {
    let header = "../../../capi/include/frame_arena.h";
    let sources = ["get_buffer.c", "decode.c"];
    cc::Build::new()
        .files(sources)
        .include("../../../capi/include")
        .std("c11")
        .warnings_into_errors(true)
        .flag("-Wno-deprecated-declarations")
        .compile("codecs-ffmpeg");
    for library in ["avformat", "avcodec", "avutil"] {
        println!("cargo:rustc-link-lib={library}");
    }
    for file in sources
        .iter()
        .chain([&"get_buffer.h", &header, &"build.rs"])
    {
        println!("cargo:rerun-if-changed={file}");
    }
}
