//! House rules of the repository, checked over its files.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/modules.rs"]
mod modules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 500;
const MOST_COLUMNS: usize = 100;

/// The files that may contain `unsafe`. A file without `unsafe` must leave the list.
const UNSAFE_FILES: &[&str] = &[
    "benches/support/counting.rs",
    "benches/support/usage.rs",
    "capi/src/arena.rs",
    "capi/src/buffer.rs",
    "capi/src/handle.rs",
    "capi/src/hook.rs",
    "capi/src/hook/dav1d.rs",
    "capi/src/hook/de265.rs",
    "capi/src/hook/ffmpeg.rs",
    "capi/src/hook/frame_buffers.rs",
    "capi/src/hook/heap.rs",
    "capi/src/out.rs",
    "capi/src/picture.rs",
    "capi/src/scope.rs",
    "capi/src/status.rs",
    "capi/tests/refused.rs",
    "compare/clients/src/allocator.rs",
    "compare/codecs/aom/library.rs",
    "compare/codecs/av1/decoder.rs",
    "compare/codecs/de265/decoder.rs",
    "compare/codecs/ffmpeg/decoder.rs",
    "compare/codecs/frame_buffers/decoder.rs",
    "compare/codecs/heap/load.rs",
    "compare/codecs/heap/tests/zlib.rs",
    "compare/codecs/jxl/decoder.rs",
    "compare/codecs/libraries/library.rs",
    "compare/codecs/measure/src/allocations.rs",
    "compare/codecs/measure/src/process.rs",
    "compare/codecs/vpx/library.rs",
    "compare/decoders/src/counting.rs",
    "compare/replay/src/bin/record_heap.rs",
    "compare/replay/src/bumps.rs",
    "compare/replay/src/counted.rs",
    "compare/replay/src/heap.rs",
    "compare/replay/src/scoped.rs",
    "src/detached/shared.rs",
    "hooks/src/dav1d/callbacks.rs",
    "hooks/src/ffmpeg/buffers.rs",
    "hooks/src/frame_buffers/callbacks.rs",
    "hooks/src/global/allocator.rs",
    "hooks/src/global/current.rs",
    "hooks/src/global/registry.rs",
    "hooks/src/heap/callbacks.rs",
    "hooks/src/heap/slabs.rs",
    "hooks/src/lent.rs",
    "hooks/src/libde265/callbacks.rs",
    "hooks/tests/hooks/dav1d.rs",
    "hooks/tests/hooks/ffmpeg.rs",
    "hooks/tests/hooks/frame_buffers.rs",
    "hooks/tests/hooks/heap.rs",
    "hooks/tests/hooks/libde265.rs",
    "jxl/tests/resident.rs",
    "jxl/tests/system/kept_threads.rs",
    "jxl/tests/system/mappings.rs",
    "jxl/tests/system/requests.rs",
    "src/collections.rs",
    "src/collections/adapters.rs",
    "src/collections/scopes.rs",
    "src/collections/tests.rs",
    "src/collections/tests/raw.rs",
    "src/heap/chunk.rs",
    "src/heap/piece.rs",
    "src/heap/raw.rs",
    "src/heap/testing/patterned.rs",
    "src/heap/testing/source.rs",
    "src/memory.rs",
    "src/memory/block.rs",
    "src/memory/boxed.rs",
    "src/memory/pages.rs",
    "src/memory/pages/mapped.rs",
    "src/memory/poison.rs",
    "src/memory/run.rs",
    "src/memory/shared.rs",
    "src/owned/handle.rs",
    "src/owned/memory.rs",
    "src/plane/interop/ndarray.rs",
    "src/plane/rows.rs",
    "src/plane/set_view_mut.rs",
    "src/plane/tiles.rs",
    "src/plane/view.rs",
    "src/plane/view_mut.rs",
    "src/raw.rs",
    "src/scope.rs",
    "src/scope/frame_root.rs",
    "src/scratch.rs",
    "tests/allocator/exchange/balance.rs",
    "tests/allocator/model/freed.rs",
    "tests/allocator/refused/odd.rs",
    "tests/arena/asan.rs",
    "tests/arena/planes/whole.rs",
    "tests/arena/raw.rs",
    "tests/zero_alloc/count.rs",
];

/// Words that no file of the repository contains. Split, so that this file does not contain them
/// either.
const FORBIDDEN: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
];

struct TextFile {
    /// Path from the root, with `/` between the parts.
    name: String,
    text: String,
}

impl TextFile {
    fn is_rust(&self) -> bool {
        self.name.ends_with(".rs")
    }

    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines.filter_map(|(index, line)| {
            let code = line.split("//").next()?;
            Some((index + 1, code))
        })
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The repository's text files: sources, manifests, documents and scripts, without build outputs.
fn text_files() -> Vec<TextFile> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    assert!(found.len() > 5, "the repository's files were not found");
    found
}

fn collect(folder: &Path, found: &mut Vec<TextFile>) {
    const SKIPPED: [&str; 6] = [
        "target",
        ".git",
        "corpus",
        "artifacts",
        "coverage",
        "photos",
    ];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(&path, found);
            }
        } else if is_text(&path) {
            let relative = path.strip_prefix(root()).unwrap();
            found.push(TextFile {
                name: relative.to_string_lossy().replace('\\', "/"),
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
}

fn is_text(path: &Path) -> bool {
    match path.extension() {
        Some(extension) => ["rs", "toml", "md", "sh", "yml", "py"]
            .iter()
            .any(|e| extension == *e),
        None => path.ends_with(".ci/run"),
    }
}

fn fail_if_any(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

#[test]
fn rust_files_are_short() {
    let long: Vec<String> = text_files()
        .iter()
        .filter(|file| file.is_rust() && file.text.lines().count() > MOST_LINES)
        .map(|file| format!("{}: {} lines", file.name, file.text.lines().count()))
        .collect();
    fail_if_any("files of more than 500 lines", &long);
}

#[test]
fn unsafe_stays_where_it_is_listed() {
    let keyword = concat!("un", "safe");
    let forms =
        [" {", " fn", " impl", " trait", " extern", "("].map(|end| format!("{keyword}{end}"));
    let is_raw = |file: &TextFile| {
        file.code_lines()
            .any(|(_, code)| forms.iter().any(|form| code.contains(form)))
    };
    let found: BTreeSet<String> = text_files()
        .into_iter()
        .filter(|file| file.is_rust() && is_raw(file))
        .map(|file| file.name)
        .collect();
    let listed: BTreeSet<String> = UNSAFE_FILES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        found, listed,
        "left: files with the keyword; right: files that may have it"
    );
}

#[test]
fn forbidden_words_are_absent() {
    let mut broken = Vec::new();
    for file in text_files() {
        for (index, line) in file.text.lines().enumerate() {
            for word in FORBIDDEN.iter().filter(|&&word| line.contains(word)) {
                broken.push(format!("{}:{}: {word}", file.name, index + 1));
            }
        }
    }
    fail_if_any("forbidden words", &broken);
}

#[test]
fn modules_are_named_files_and_lib_rs_only_declares() {
    let mut broken = Vec::new();
    for file in text_files() {
        if file.name.ends_with("/mod.rs") {
            broken.push(format!("{}: use a file named as the module", file.name));
        }
        if file.name.ends_with("src/lib.rs") {
            let defines = |code: &str| {
                let code = code.trim_start().trim_start_matches("pub ");
                ["fn ", "impl", "struct ", "enum ", "trait ", "static "]
                    .iter()
                    .any(|start| code.starts_with(start))
            };
            let lines = file.code_lines().filter(|(_, code)| defines(code));
            broken.extend(lines.map(|(line, _)| format!("{}:{line}: a definition", file.name)));
        }
    }
    fail_if_any("modules", &broken);
}

#[test]
fn one_rust_version() {
    let mut stated = BTreeSet::new();
    for file in text_files() {
        for line in file.text.lines() {
            if let Some(version) = line.strip_prefix("rust-version = ") {
                stated.insert(version.trim_matches('"').to_owned());
            }
            if file.name.ends_with("README.md") {
                let after = line.split("Rust 1.").skip(1);
                let minor = after.map(|rest| rest.chars().take_while(char::is_ascii_digit));
                stated.extend(minor.map(|digits| format!("1.{}", digits.collect::<String>())));
            }
        }
    }
    assert_eq!(stated.len(), 1, "manifests and READMEs state {stated:?}");
}

/// Benchmarks, examples and tests named in a document's commands exist, and so do the files it
/// links to.
#[test]
fn documents_name_what_exists() {
    let files = text_files();
    let exists = |folder: &str, name: &str| {
        [
            format!("{folder}/{name}.rs"),
            format!("{folder}/{name}/main.rs"),
        ]
        .iter()
        .any(|path| {
            files
                .iter()
                .any(|file| file.name == *path || file.name.ends_with(&format!("/{path}")))
        })
    };
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| file.name.ends_with(".md")) {
        let words: Vec<&str> = file.text.split([' ', '\n', '`', '|']).collect();
        for pair in words.windows(2) {
            let folder = match pair[0] {
                "--bench" => "benches",
                "--example" => "examples",
                "--test" => "tests",
                _ => continue,
            };
            // The benchmarks' own `--test` takes no name.
            if !pair[1].is_empty() && !exists(folder, pair[1]) {
                broken.push(format!("{}: {} {}", file.name, pair[0], pair[1]));
            }
        }
        let folder: PathBuf = root().join(&file.name).parent().unwrap().into();
        for link in file
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next())
        {
            if !link.is_empty() && !link.contains("://") && !folder.join(link).exists() {
                broken.push(format!("{}: link to {link}", file.name));
            }
        }
    }
    fail_if_any("documents name what does not exist", &broken);
}

/// Checks sentences of documents and comments. Tables and code may be wider.
#[test]
fn prose_keeps_to_its_columns() {
    let mut broken = Vec::new();
    for file in text_files() {
        let mut in_code = false;
        for (index, line) in file.text.lines().enumerate() {
            let words = if file.is_rust() {
                let comment = line.trim_start();
                let Some(comment) = comment.strip_prefix("//") else {
                    in_code = false;
                    continue;
                };
                comment.trim_start_matches(['/', '!'])
            } else if file.name.ends_with(".md") && !line.starts_with("    ") {
                line
            } else {
                continue;
            };
            let words = words.trim_start();
            if words.starts_with("```") {
                in_code = !in_code;
            }
            let is_table = words.starts_with('|');
            if !in_code && !is_table && line.chars().count() > MOST_COLUMNS {
                broken.push(format!("{}:{}", file.name, index + 1));
            }
        }
    }
    fail_if_any("prose of more than 100 columns", &broken);
}
