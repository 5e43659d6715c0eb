//! The interface as C code uses it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

// Links the library, so that it is built.
use frame_arena_capi as _;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The static library of this build, which lies next to the test.
fn library() -> PathBuf {
    let test = env::current_exe().unwrap();
    let found = test.ancestors().skip(1).take(2);
    let mut found = found.map(|folder| folder.join("libframe_arena_capi.a"));
    found.find(|file| file.exists()).expect("no static library")
}

/// A command of the environment, or the usual one. `None`, with a message, if it does not run.
fn compiler(variable: &str, usual: &str) -> Option<Command> {
    let name = env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let runs = Command::new(&name).arg("--version").output();
    if !runs.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no compiler {name}");
        return None;
    }
    let mut command = Command::new(name);
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"]);
    command.arg(folder().join("include"));
    Some(command)
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let errors = text(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{errors}");
    text(&output.stdout)
}

/// Compiles a C program with the library by `CC`, or `cc`. In a build with AddressSanitizer, it
/// watches the C code too.
#[cfg(unix)]
fn c_program(name: &str) -> Option<PathBuf> {
    let mut cc = compiler("CC", "cc")?;
    let program = library().with_file_name(format!("capi-{name}"));
    if cfg!(frame_arena_asan) {
        cc.args(["-fsanitize=address", "-g"]);
    }
    let source = folder().join("tests/c").join(name).with_extension("c");
    cc.arg("-std=c99").arg(source).arg(library());
    run(cc.args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&program));
    Some(program)
}

#[cfg(unix)]
#[test]
fn a_c_program_uses_memory() {
    let Some(program) = c_program("memory") else {
        return;
    };
    let printed = run(&mut Command::new(program));
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(printed.trim(), format!("frame-arena {version}"));
}

#[cfg(all(unix, frame_arena_asan))]
#[test]
fn address_sanitizer_finds_misuse() {
    let Some(program) = c_program("misuse") else {
        return;
    };
    for fault in ["0", "1", "2", "3"] {
        let output = Command::new(&program).arg(fault).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let is_found = errors.contains("use-after-poison");
        assert!(!output.status.success() && is_found, "{fault}: {errors}");
    }
}

/// Compiled by `CXX`, or `c++`.
#[test]
fn cpp_accepts_the_header() {
    let Some(mut cpp) = compiler("CXX", "c++") else {
        return;
    };
    cpp.args(["-std=c++11", "-fsyntax-only", "-x", "c++"]);
    run(cpp.args(["-include", "frame_arena.h", "/dev/null"]));
}

/// Names that begin with `fa_` and follow `before`.
fn names(text: &str, before: &str) -> BTreeSet<String> {
    let starts = text.match_indices(before);
    let names = starts.filter_map(|(at, _)| {
        let rest = &text[at + before.len()..];
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let name = rest.split(|letter| !is_name(letter)).next()?;
        let is_called = rest[name.len()..].starts_with('(');
        (name.starts_with("fa_") && is_called).then(|| name.to_owned())
    });
    names.collect()
}

/// The header is made by cbindgen, which not everybody has; `.ci/run capi` compares the whole.
#[test]
fn the_header_declares_what_is_exported() {
    let mut exported = BTreeSet::new();
    for folder in [folder().join("src"), folder().join("src/hook")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let text = fs::read_to_string(path).unwrap();
                exported.extend(names(&text, "extern \"C\" fn "));
            }
        }
    }
    let header = fs::read_to_string(folder().join("include/frame_arena.h")).unwrap();
    let lines = header.lines().filter(|line| !line.starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let declared: BTreeSet<String> = [" ", "*"]
        .iter()
        .flat_map(|&before| names(&code, before))
        .collect();
    assert!(exported.len() > 30);
    assert_eq!(exported, declared);
}
