//! Builds the decoder of libjxl from the sources in the package `jpegxl-src`, by CMake and clang,
//! and compiles the C code with its headers.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Instruction sets that are left out, so that the build is shorter: the processors that libjxl is
/// built for have AVX2 or SSE2.
const LEFT_OUT: [&str; 4] = ["AVX3_DL", "EMU128", "SCALAR", "SSE4"];

/// Parts that are no libraries.
const PARTS: [&str; 9] = [
    "TOOLS",
    "DEVTOOLS",
    "DOXYGEN",
    "MANPAGES",
    "BENCHMARK",
    "EXAMPLES",
    "JNI",
    "SJPEG",
    "OPENEXR",
];

fn main() {
    let built = build(&sources());
    cc::Build::new()
        .file("decode.c")
        .include(built.join("lib/include"))
        .define("JXL_STATIC_DEFINE", None)
        .define("JXL_THREADS_STATIC_DEFINE", None)
        .std("c11")
        .warnings_into_errors(true)
        .compile("codecs-jxl");
    for folder in ["lib", "third_party/brotli", "third_party/highway"] {
        println!(
            "cargo:rustc-link-search=native={}",
            built.join(folder).display()
        );
    }
    for library in [
        "jxl_threads",
        "jxl_dec",
        "jxl_cms",
        "hwy",
        "brotlidec",
        "brotlicommon",
    ] {
        println!("cargo:rustc-link-lib=static={library}");
    }
    println!("cargo:rustc-link-lib=stdc++");
    for file in ["decode.c", "build.rs"] {
        println!("cargo:rerun-if-changed={file}");
    }
}

/// Returns the folder of libjxl's sources, by the paths that `cargo metadata` prints.
fn sources() -> PathBuf {
    let cargo = env::var_os("CARGO").expect("cargo sets CARGO");
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let manifest = text
        .split('"')
        .find(|word| word.contains("jpegxl-src-") && word.ends_with("Cargo.toml"))
        .expect("cargo metadata names the package jpegxl-src");
    Path::new(manifest).with_file_name("libjxl")
}

/// Builds the static libraries of the decoder, and returns CMake's folder.
fn build(sources: &Path) -> PathBuf {
    let mut config = cmake::Config::new(sources);
    config
        .profile("Release")
        .define("BUILD_TESTING", "OFF")
        .define("BUILD_SHARED_LIBS", "OFF");
    config
        .define("CMAKE_C_COMPILER", "clang")
        .define("CMAKE_CXX_COMPILER", "clang++");
    config.define("JPEGXL_ENABLE_TCMALLOC", "OFF");
    for part in PARTS {
        config.define(format!("JPEGXL_ENABLE_{part}"), "OFF");
    }
    for set in LEFT_OUT {
        config.define(format!("JPEGXL_ENABLE_HWY_{set}"), "OFF");
    }
    let mut built = PathBuf::new();
    for target in ["jxl_dec", "jxl_cms", "jxl_threads"] {
        built = config.build_target(target).build();
    }
    built.join("build")
}
