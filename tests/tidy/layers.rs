//! The layers of the map in `ARCHITECTURE.md`: a file uses its own layer and those below it.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::uses;
use super::{fail_if_any, root, text_files};

/// Allowed uses that go up: from, to. `ARCHITECTURE.md` says why.
const UPWARD: &[(&str, &str)] = &[("src/store/records.rs", "src/owned/handle.rs")];

/// The names of the layers of each folder of sources, from the top down: files, and folders with a
/// `/` at the end.
fn layers() -> BTreeMap<String, Vec<Vec<String>>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let map = text.split("\n## Map\n").nth(1).unwrap();
    let map = map.split("```").nth(1).unwrap();
    let mut layers = BTreeMap::<String, Vec<Vec<String>>>::new();
    let mut folder = String::new();
    for line in map.lines() {
        if line.starts_with(|first: char| first != ' ') {
            folder = line.split(' ').next().unwrap_or_default().to_owned();
        }
        let Some(entry) = line.strip_prefix("  ") else {
            continue;
        };
        let is_name = |word: &&str| word.ends_with(".rs") || word.ends_with('/');
        let names = entry.split(' ').take_while(is_name).map(str::to_owned);
        let names: Vec<String> = names.collect();
        if !names.is_empty() && folder.ends_with("src/") {
            layers.entry(folder.clone()).or_default().push(names);
        }
    }
    layers
}

/// The number of the layer that contains a file, by its name in the folder of sources.
fn layer_of(layers: &[Vec<String>], file: &str) -> Option<usize> {
    let fits = |name: &str| name == file || name.ends_with('/') && file.starts_with(name);
    let names = layers
        .iter()
        .enumerate()
        .flat_map(|(layer, names)| names.iter().map(move |name| (layer, name)))
        .filter(|(_, name)| fits(name));
    names
        .max_by_key(|(_, name)| name.len())
        .map(|(layer, _)| layer)
}

#[test]
fn files_use_their_own_layer_and_those_below() {
    let files = text_files();
    let mut broken = Vec::new();
    let mut upward = BTreeSet::new();
    for (folder, layers) in layers() {
        for (name, used) in uses(&files, &folder) {
            let Some(layer) = layer_of(&layers, &name) else {
                if name != "lib.rs" {
                    broken.push(format!("{folder}{name}: in no layer"));
                }
                continue;
            };
            let used = used.iter();
            let above = used.filter(|used| layer_of(&layers, used).is_some_and(|at| at < layer));
            upward.extend(above.map(|used| (format!("{folder}{name}"), format!("{folder}{used}"))));
        }
    }
    for (from, to) in UPWARD {
        if !upward.remove(&((*from).to_owned(), (*to).to_owned())) {
            broken.push(format!("{from}: no longer uses {to}"));
        }
    }
    broken.extend(upward.iter().map(|(from, to)| format!("{from}: uses {to}")));
    fail_if_any("layers", &broken);
}

/// The files that can be reached from a file by going from user to used.
fn reached<'u>(uses: &'u BTreeMap<String, BTreeSet<String>>, from: &'u str) -> BTreeSet<&'u str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for used in uses.get(file).into_iter().flatten() {
            if reached.insert(used.as_str()) {
                open.push(used);
            }
        }
    }
    reached
}

/// Files do not use each other, directly or through others. A module's use of what its parents
/// declare does not count: that is what submodules share. In the library, whose types open each
/// other and become each other, only the layers are checked.
#[test]
fn files_use_each_other_one_way() {
    let files = text_files();
    let mut broken = Vec::new();
    for root in layers().keys().filter(|root| *root != "src/") {
        let mut uses = uses(&files, root);
        uses.remove("lib.rs");
        for (file, used) in &mut uses {
            used.retain(|used| !file.starts_with(&used.replace(".rs", "/")));
        }
        for (file, used) in &uses {
            let reached_back = |used: &&String| reached(&uses, used).contains(file.as_str());
            for used in used.iter().filter(reached_back) {
                broken.push(format!("{root}{file}: uses {used}, which uses it"));
            }
        }
    }
    fail_if_any("files that use each other", &broken);
}

/// Every file and folder that the map names exists.
#[test]
fn the_map_names_what_exists() {
    let mut broken = Vec::new();
    for (folder, layers) in layers() {
        for name in layers.iter().flatten() {
            if !root().join(&folder).join(name).exists() {
                broken.push(format!("{folder}{name}"));
            }
        }
    }
    fail_if_any("the map names what does not exist", &broken);
}
