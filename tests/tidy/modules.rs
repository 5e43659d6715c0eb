//! The modules of a folder of sources, and which file uses which.

use std::collections::{BTreeMap, BTreeSet};

use super::TextFile;

/// A path of modules, or of an item in one.
type Path = Vec<String>;

/// The code of a file that is not tests.
struct Module {
    path: Path,
    code: String,
    /// Imports of `use`, by their name in the module.
    imports: BTreeMap<String, Path>,
}

/// The modules of a folder of sources, by the names of their files.
fn read_modules(files: &[TextFile], folder: &str) -> BTreeMap<String, Module> {
    let mut modules = BTreeMap::new();
    let mut tests = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(name) = file.name.strip_prefix(folder) else {
            continue;
        };
        let lines: Vec<&str> = file.code_lines().map(|(_, code)| code).collect();
        let stem = name.trim_end_matches(".rs");
        let mut code = String::new();
        for (index, line) in lines.iter().enumerate() {
            let is_test = index > 0 && lines[index - 1].trim() == "#[cfg(test)]";
            match line
                .trim()
                .trim_start_matches("pub(crate) ")
                .strip_prefix("mod ")
            {
                Some(module) if is_test && module.ends_with('{') => break,
                Some(module) if is_test => {
                    let parent = if stem == "lib" { "" } else { stem };
                    let module = module.trim_end_matches(';');
                    tests.insert(
                        format!("{parent}/{module}")
                            .trim_start_matches('/')
                            .to_owned(),
                    );
                }
                _ => {
                    code.push_str(line);
                    code.push('\n');
                }
            }
        }
        let path = match stem {
            "lib" => Vec::new(),
            stem => stem.split('/').map(str::to_owned).collect(),
        };
        let imports = BTreeMap::new();
        modules.insert(
            name.to_owned(),
            Module {
                path,
                code,
                imports,
            },
        );
    }
    modules.retain(|name, _| {
        let stem = name.trim_end_matches(".rs");
        let is_test = |test: &String| stem == test || stem.starts_with(&format!("{test}/"));
        !tests.iter().any(is_test)
    });
    let paths: BTreeSet<Path> = modules.values().map(|module| module.path.clone()).collect();
    for module in modules.values_mut() {
        module.imports = imports(module, &paths);
    }
    modules
}

/// The paths in a tree of `use`, each with its name in the module, and the text after the tree.
fn expand<'t>(prefix: &Path, text: &'t str, found: &mut Vec<(Path, String)>) -> &'t str {
    let (mut path, mut rest) = (prefix.clone(), text.trim_start());
    loop {
        if let Some(mut group) = rest.strip_prefix('{') {
            loop {
                group = group.trim_start();
                match group.strip_prefix('}') {
                    Some(behind) => return behind,
                    None if group.is_empty() => return group,
                    None => group = expand(&path, group, found),
                }
                group = group.trim_start();
                group = group.strip_prefix(',').unwrap_or(group);
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if name != "self" || path.is_empty() {
            path.push(name.to_owned());
        }
        match behind.strip_prefix("::") {
            Some(more) if !name.is_empty() => rest = more,
            _ => {
                let renamed = behind.trim_start().strip_prefix("as ");
                let last = path.last().cloned().unwrap_or_default();
                let Some(renamed) = renamed else {
                    found.push((path, last));
                    // An item that is no name, such as `*`.
                    return match name.is_empty() {
                        true => behind.get(1..).unwrap_or_default(),
                        false => behind,
                    };
                };
                let end = renamed.find([',', ';', '}']).unwrap_or(renamed.len());
                found.push((path, renamed[..end].trim().to_owned()));
                return &renamed[end..];
            }
        }
    }
}

/// A path from the root of the crate; `None` outside of it.
fn absolute(module: &Path, path: &[String], modules: &BTreeSet<Path>) -> Option<Path> {
    let rest = |up: usize| {
        let base = module.get(..module.len().checked_sub(up)?)?;
        Some([base, &path[up.max(1)..]].concat())
    };
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => rest(0),
        "super" => rest(path.iter().take_while(|name| *name == "super").count()),
        child => {
            let child = [&module[..], &[child.to_owned()]].concat();
            modules.contains(&child).then(|| [module, path].concat())
        }
    }
}

fn imports(module: &Module, modules: &BTreeSet<Path>) -> BTreeMap<String, Path> {
    let mut found = Vec::new();
    let mut rest = module.code.as_str();
    while let Some(at) = rest.find("use ") {
        let starts = rest[..at].chars().last().is_none_or(char::is_whitespace);
        rest = &rest[at + 4..];
        if starts {
            rest = expand(&Vec::new(), rest, &mut found);
        }
    }
    let found = found.into_iter().filter_map(|(path, name)| {
        let path = absolute(&module.path, &path, modules)?;
        Some((name, path))
    });
    found.collect()
}

/// The paths that a module names by `crate::` and `super::`.
fn used(module: &Module, modules: &BTreeSet<Path>) -> Vec<Path> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in module.code.match_indices(start) {
            let before = module.code[..at].chars().last().unwrap_or(' ');
            if before.is_whitespace() || "(<&!{[".contains(before) {
                expand(&Vec::new(), &module.code[at..], &mut found);
            }
        }
    }
    let found = found.into_iter();
    let found = found.filter_map(|(path, _)| absolute(&module.path, &path, modules));
    found.collect()
}

/// The paths that a module names from a module inside it, or that it imports and names.
fn used_below(module: &Module, modules: &BTreeSet<Path>) -> Vec<Path> {
    let code = without_uses(&module.code);
    let mut found = Vec::new();
    for (name, path) in &module.imports {
        if path.len() > module.path.len() && names(&code, name) {
            found.push(path.clone());
        }
    }
    for child in modules {
        let is_child = child.len() == module.path.len() + 1 && child.starts_with(&module.path);
        if is_child && names(&code, &format!("{}::", child[child.len() - 1])) {
            found.push(child.clone());
        }
    }
    found
}

/// Code without the declarations that begin with `use`.
fn without_uses(code: &str) -> String {
    let mut left = String::new();
    let mut is_use = false;
    for line in code.lines() {
        let line = line.trim();
        is_use |= line.starts_with("use ") || line.starts_with("pub") && line.contains(" use ");
        if !is_use {
            left.push_str(line);
            left.push('\n');
        }
        is_use &= !line.ends_with(';');
    }
    left
}

/// Whether code has a name that is no part of a longer name or path.
fn names(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    code.match_indices(name).any(|(at, _)| {
        let behind = code[at + name.len()..].chars().next().unwrap_or(' ');
        let before = code[..at].chars().last().unwrap_or(' ');
        !is_part(before) && (name.ends_with(':') || !is_part(behind) || behind == ':')
    })
}

/// The file that defines the item of a path, resolved through imports of other modules.
fn file_of(by_path: &BTreeMap<&Path, (&String, &Module)>, path: &Path) -> Option<String> {
    let mut path = path.clone();
    for _ in 0..16 {
        let depth = (0..=path.len()).rev().find(|&depth| {
            let prefix = path[..depth].to_vec();
            by_path.contains_key(&prefix)
        })?;
        let (name, module) = by_path[&path[..depth].to_vec()];
        let next = path.get(depth).and_then(|item| module.imports.get(item));
        match next {
            Some(import) if *import != path[..=depth] => {
                path = [&import[..], &path[depth + 1..]].concat();
            }
            _ => return Some(name.clone()),
        }
    }
    None
}

/// The files that each file of a folder of sources uses, by the names that they have there.
pub(super) fn uses(files: &[TextFile], folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let modules = read_modules(files, folder);
    assert!(modules.len() > 5, "{folder}: no modules");
    let paths = modules.values().map(|module| module.path.clone()).collect();
    let by_path = modules
        .iter()
        .map(|(name, module)| (&module.path, (name, module)))
        .collect();
    let uses = modules.iter().map(|(name, module)| {
        let paths = [used(module, &paths), used_below(module, &paths)].concat();
        let files = paths.iter().filter_map(|path| file_of(&by_path, path));
        (name.clone(), files.filter(|file| file != name).collect())
    });
    uses.collect()
}
