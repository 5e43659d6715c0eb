//! Resident bytes of the command, as the system counts them, against its limit.

#![cfg(all(target_os = "linux", not(frame_arena_asan)))]
#![allow(unsafe_code)]

#[path = "system/pictures.rs"]
mod pictures;
#[path = "system/random.rs"]
mod random;
#[path = "../../tests/support/tier.rs"]
mod tier;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use pictures::{corpus, is_small, pictures_in, samples};
use random::random;
use tier::is_slow_wanted;

/// What a process may take besides its limit and what the decode of one pixel takes.
const MARGIN_KIB: u64 = 8 << 10;
const LIMITS_MIB: [u64; 3] = [16, 64, 256];
const THREADS: [u32; 3] = [1, 2, 8];
/// Takes long, as large files do. These are decoded on two threads only, with the lowest limit and
/// the one that their plan says. So is every file where slow tests are not wanted.
const SLOW_FILE: &str = "tree_chain_2000_on_8192";

/// Runs the command and returns the most KiB that were resident at once.
// The process is waited for by `wait4`, which tells what it took.
#[allow(clippy::zombie_processes)]
fn peak_kib(arguments: &[&str]) -> u64 {
    let child = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut status, id) = (0, child.id() as libc::pid_t);
    // SAFETY: zeros are a value of this structure of integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to variables of the right type that live longer than the call.
    let ended = unsafe { libc::wait4(id, &mut status, 0, &mut usage) };
    assert_eq!(ended, id);
    assert!(libc::WIFEXITED(status), "{arguments:?}: {status:x}");
    usage.ru_maxrss as u64
}

/// The most KiB that were resident in this process.
fn own_peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words.and_then(|word| word.parse().ok()).unwrap()
}

/// What is decoded of a file: options of the command.
type Part = &'static [&'static str];

const WHOLE: Part = &[];
const PARTS: [Part; 3] = [
    &["--region", "8x8+0+0"],
    &["--reduce", "8"],
    &["--reduce", "2"],
];

fn decode(file: &Path, part: Part, out: &str, threads: u32, limit_kib: u64) -> u64 {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let out = folder.join(out);
    let (threads, limit) = (threads.to_string(), format!("{limit_kib}KiB"));
    let mut arguments = vec!["decode", file.to_str().unwrap(), out.to_str().unwrap()];
    arguments.extend(["--threads", &threads, "--memory-limit", &limit]);
    arguments.extend(part);
    peak_kib(&arguments)
}

/// Files that took more than they may.
struct Check {
    /// For each number of threads what the decode of one pixel takes.
    least_kib: [u64; THREADS.len()],
    out: &'static str,
    is_slow: bool,
    decodes: usize,
    broken: Vec<String>,
}

impl Check {
    fn new(out: &'static str, is_slow: bool) -> Self {
        let pixel = samples().join("one_pixel.jxl");
        let least_kib =
            THREADS.map(|threads| decode(&pixel, WHOLE, out, threads, LIMITS_MIB[0] << 10));
        Self {
            least_kib,
            out,
            is_slow,
            decodes: 0,
            broken: Vec::new(),
        }
    }

    fn decode(&mut self, file: &Path, part: Part, limit_kib: u64) {
        let on_all = self.is_slow && is_quick(file);
        for (threads, least_kib) in THREADS.into_iter().zip(self.least_kib) {
            if !on_all && threads != 2 {
                continue;
            }
            self.decodes += 1;
            let peak_kib = decode(file, part, self.out, threads, limit_kib);
            if peak_kib > least_kib + limit_kib + MARGIN_KIB {
                self.broken.push(format!(
                    "{} {}, {threads} threads: {peak_kib} KiB, limit {limit_kib} KiB",
                    file.display(),
                    part.join(" ")
                ));
            }
        }
    }

    fn finish(self) {
        // A child's peak counts what its parent had when it started.
        assert!(own_peak_kib() < self.least_kib.into_iter().min().unwrap());
        eprintln!("{} decodes", self.decodes);
        assert!(self.decodes > 0);
        assert!(self.broken.is_empty(), "{}", self.broken.join("\n"));
    }
}

fn is_quick(file: &Path) -> bool {
    is_small(file) && file.file_stem().unwrap() != SLOW_FILE
}

/// KiB that the plan of a decode says, with the picture of eight bytes a pixel and the file.
fn planned_kib(file: &Path) -> Option<u64> {
    let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .args(["info", "--memory", "--threads", "2"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words = |start: &str| {
        let line = text.lines().find(|line| line.starts_with(start))?;
        Some(line.split_whitespace().skip(1))
    };
    let mut held = words("held ")?;
    let number: f64 = held.next()?.parse().ok()?;
    let unit_bytes = match held.next()? {
        "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        unit => panic!("{unit}"),
    };
    // Printed with two digits.
    let number = number + 0.005;
    let size: Vec<u64> = words("size ")?
        .filter_map(|word| word.parse().ok())
        .collect();
    let picture_bytes = 8 * size.iter().product::<u64>();
    let all_bytes = (number * unit_bytes) as u64 + picture_bytes + fs::metadata(file).ok()?.len();
    Some(all_bytes.div_ceil(1024) + 64)
}

#[test]
fn decodes_stay_within_their_limit() {
    let files_of = |folder: &str| pictures_in(&corpus().join(folder));
    let mut files = pictures_in(&samples());
    assert!(!files.is_empty());
    let is_slow =
        is_slow_wanted("most honest files and their parts, higher limits, one thread and eight");
    let honest_samples = files.len();
    files.extend(["bombs", "field"].into_iter().flat_map(files_of));
    let costly = honest_samples..files.len();
    let honest = ["conformance", "features", "photos"].into_iter();
    files.extend(
        honest
            .flat_map(files_of)
            .step_by(if is_slow { 1 } else { 3 }),
    );
    let mut check = Check::new("resident.png", is_slow);
    for (index, file) in files.iter().enumerate() {
        let limits = if is_slow && is_quick(file) {
            &LIMITS_MIB[..]
        } else {
            &LIMITS_MIB[..1]
        };
        for limit_mib in limits {
            check.decode(file, WHOLE, limit_mib << 10);
        }
        if let Some(limit_kib) = planned_kib(file) {
            check.decode(file, WHOLE, limit_kib);
        }
        let are_all_wanted = is_slow || costly.contains(&index);
        for (place, part) in PARTS.into_iter().enumerate() {
            if are_all_wanted || index % PARTS.len() == place {
                check.decode(file, part, LIMITS_MIB[0] << 10);
            }
        }
    }
    check.finish();
}

#[test]
fn damaged_files_stay_within_the_limit() {
    let damaged = Path::new(env!("CARGO_TARGET_TMPDIR")).join("damaged.jxl");
    let mut random = random(0x2545_F491_4F6C_DD1D);
    let mut random = || random() as usize;
    let is_slow = is_slow_wanted("three of four ways to damage each file, one thread and eight");
    let mut check = Check::new("resident-damaged.png", is_slow);
    for (index, path) in pictures_in(&samples()).into_iter().enumerate() {
        let file = fs::read(path).unwrap();
        for round in 0..4 {
            let mut changed = file.clone();
            let range = if round < 2 {
                file.len().min(64)
            } else {
                file.len()
            };
            for _ in 0..=round {
                changed[random() % range] ^= 1 << (random() % 8);
            }
            if !is_slow && index % 4 != round {
                continue;
            }
            fs::write(&damaged, changed).unwrap();
            let parts = [WHOLE, PARTS[(index + round) % PARTS.len()]];
            for part in parts {
                check.decode(&damaged, part, LIMITS_MIB[0] << 10);
            }
        }
    }
    check.finish();
}
