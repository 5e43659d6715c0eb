//! The files of the corpus that jxl-arena must decode.

use std::fs;
use std::path::{Path, PathBuf};

use compare_decoders::probe::probe;

/// Stills of one Modular frame without filters, noise, splines or patches: all of the corpus must decode.
const MODULAR_STILLS: &[&str] = &[
    "3x3_srgb_lossless.jxl",
    "3x3a_srgb_lossless.jxl",
    "alpha_nonpremultiplied.jxl",
    "alpha_triangles.jxl",
    "bicycles.jxl",
    "delta_palette.jxl",
    "extra_channels.jxl",
    "flower_lossless_e3.jxl",
    "gray_alpha_lossless.jxl",
    "green_queen_modular_e3.jxl",
    "hdr_hlg_test.jxl",
    "hdr_pq_test.jxl",
    "lossless_pfm.jxl",
    "orientation1_identity.jxl",
    "orientation2_flip_horizontal.jxl",
    "orientation4_flip_vertical.jxl",
    "orientation6_rotate_90_cw.jxl",
    "pq_gradient.jxl",
    "with_icc.jxl",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All `.jxl` files in `folder` and its folders, sorted.
fn jxl_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(jxl_files(&path));
        } else if path.extension().is_some_and(|e| e == "jxl") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The list above is the one that the headers give, and no file of it is missing.
#[test]
fn modular_stills_of_the_corpus_are_those_listed() {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no corpus at ../shared/corpus");
        return;
    }
    let mut found: Vec<String> = Vec::new();
    for path in jxl_files(&corpus) {
        let plain = probe(&fs::read(&path).unwrap()).map(|p| p.beyond_modular_still.is_empty());
        if plain.unwrap_or(false) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    assert_eq!(found, MODULAR_STILLS);
}
