//! Compares measured figures with those committed in a file.
//!
//! The file has sections of lines `name = figure`. A section states how far a measured figure may
//! be from the committed one, up or down: `tolerance_percent` of it, or `tolerance`, whichever is
//! more.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// With this variable set, figures are written to the file instead of compared.
const RENEW: &str = "RENEW_COUNTS";

pub(crate) struct Measured {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: u64,
}

/// Compares all figures of the file at `path` with `measured`, and prints them. `command` measures
/// them again.
///
/// # Errors
/// A text that lists figures that moved, are missing or are not committed, and says how to renew
/// them.
pub(crate) fn check(path: &Path, measured: &[Measured], command: &str) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if std::env::var_os(RENEW).is_some() {
        let renewed = renew(&text, measured);
        return fs::write(path, renewed).map_err(|error| format!("{}: {error}", path.display()));
    }
    let moved = differences(&parse(&text)?, measured);
    if moved.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{moved}A figure that went up wants a reason; one that moved for a good one, or with the compiler, is renewed in {} by\n    \
         {RENEW}=1 {command}",
        path.display()
    ))
}

struct Section<'t> {
    name: &'t str,
    tolerance_percent: u64,
    tolerance: u64,
    figures: Vec<(&'t str, u64)>,
}

fn parse(text: &str) -> Result<Vec<Section<'_>>, String> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(name) = section_name(line) {
            sections.push(Section {
                name,
                tolerance_percent: 0,
                tolerance: 0,
                figures: Vec::new(),
            });
        } else if let Some((name, figure)) = figure(line) {
            let wrong = || format!("not a figure of a section: {line}");
            let section = sections.last_mut().ok_or_else(wrong)?;
            let figure: u64 = figure.parse().map_err(|_| wrong())?;
            match name {
                "tolerance_percent" => section.tolerance_percent = figure,
                "tolerance" => section.tolerance = figure,
                _ => section.figures.push((name, figure)),
            }
        }
    }
    Ok(sections)
}

fn section_name(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

fn figure(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('#') {
        return None;
    }
    let (name, figure) = line.split_once('=')?;
    Some((name.trim(), figure.trim()))
}

/// One line for each figure that differs from the committed one.
fn differences(sections: &[Section<'_>], measured: &[Measured]) -> String {
    let mut text = String::new();
    for section in sections {
        println!(
            "| {} | committed | measured |\n|---|---:|---:|",
            section.name
        );
        for &(name, committed) in &section.figures {
            let is_it = |m: &&Measured| m.section == section.name && m.name == name;
            let Some(Measured { value, .. }) = measured.iter().find(is_it) else {
                writeln!(text, "{}: {name} was not measured", section.name).ok();
                continue;
            };
            println!("| {name} | {committed} | {value} |");
            let percent = committed * section.tolerance_percent / 100;
            let tolerance = percent.max(section.tolerance);
            if value.abs_diff(committed) > tolerance {
                let change = (*value as f64 / committed as f64 - 1.0) * 100.0;
                writeln!(
                    text,
                    "{}: {name} is {value}, committed are {committed} ± {tolerance} ({change:+.1} %)",
                    section.name
                )
                .ok();
            }
        }
        println!();
    }
    for Measured { section, name, .. } in measured {
        let in_file =
            |s: &Section<'_>| s.name == *section && s.figures.iter().any(|f| f.0 == *name);
        if !sections.iter().any(in_file) {
            writeln!(
                text,
                "{section}: {name} has no line; add `{name} = 0` and renew"
            )
            .ok();
        }
    }
    text
}

/// The text with the committed figures replaced by measured ones.
fn renew(text: &str, measured: &[Measured]) -> String {
    let mut section = "";
    let lines = text.lines().map(|line| {
        section = section_name(line).unwrap_or(section);
        let now = figure(line).and_then(|(name, _)| {
            let mut of_section = measured.iter().filter(|m| m.section == section);
            of_section.find(|m| m.name == name)
        });
        match now {
            Some(Measured { name, value, .. }) => format!("{name} = {value}\n"),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}
