//! The command's requests to the global allocator and its mappings, and its behavior when they are
//! refused.
//!
//! The command runs in processes of this program, so that an abort is detected.

// Its own tests are among those of the command.
#[allow(dead_code, unused_imports)]
#[path = "../../src/main.rs"]
mod program;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use super::pictures::{corpus, is_small, pictures_in, samples};
use super::requests;
use super::tier::is_slow_wanted;

/// Has a process of this program be the command: the first request that is refused, whether all
/// that follow are as well, and the bytes below which requests are left out.
const AS_COMMAND: &str = "JXL_ARENA_TEST_REFUSED";
/// Where it writes how many requests there were, and the most bytes that it had at once.
const COUNT: &str = "JXL_ARENA_TEST_COUNT";

/// Calls of the global allocator and mappings that a further decode may cost.
const MOST_REQUESTS: usize = 50;
/// Smaller requests than this may end the process when they are refused.
const LARGE_BYTES: usize = 16 << 10;

/// Is the command, in a process that is started to be it.
pub(crate) fn be_the_command() -> Option<ExitCode> {
    let refused = env::var(AS_COMMAND).ok()?;
    let mut numbers = refused.split(' ').map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap();
    let (first, all_after, least_bytes) = (next(), next() == 1, next());
    let count = env::var_os(COUNT);
    requests::leave_out_below(least_bytes);
    requests::restart_peak();
    requests::refuse(first, all_after);
    let ended = program::main();
    let (requests, peak_bytes) = (requests::refuse_nothing(), requests::peak_bytes());
    if let Some(count) = count {
        fs::write(count, format!("{requests} {peak_bytes}")).unwrap();
    }
    Some(ended)
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A decode of a file.
struct Case<'a> {
    file: &'a Path,
    is_piped: bool,
    out: &'a str,
    options: &'a [&'a str],
}

/// Which requests are refused.
#[derive(Clone, Copy, Debug)]
struct Refused {
    first: usize,
    all_after: bool,
    least_bytes: usize,
}

/// How a process ended.
struct Ended {
    /// `None` if it was killed by a signal, as by an abort.
    code: Option<i32>,
    errors: String,
    /// `None` if it did not come to its end.
    requests: Option<usize>,
    peak_bytes: Option<usize>,
}

impl Case<'_> {
    fn run(&self, refused: Refused) -> Ended {
        let folder = folder();
        let count = folder.join("requests");
        let _ = fs::remove_file(&count);
        let Refused {
            first,
            all_after,
            least_bytes,
        } = refused;
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .env(
                AS_COMMAND,
                format!("{first} {} {least_bytes}", usize::from(all_after)),
            )
            .env(COUNT, &count)
            .arg("decode");
        match self.is_piped {
            true => command.arg("/dev/stdin").stdin(self.pipe()),
            false => command.arg(self.file).stdin(Stdio::null()),
        };
        command.arg(folder.join(self.out)).args(self.options);
        let output = command.output().unwrap();
        let counts = fs::read_to_string(count).unwrap_or_default();
        let mut counts = counts.split(' ').map(|count| count.parse().ok());
        Ended {
            code: output.status.code(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
            requests: counts.next().flatten(),
            peak_bytes: counts.next().flatten(),
        }
    }

    /// The file through a pipe, which has no length.
    fn pipe(&self) -> Stdio {
        let (reader, mut writer) = io::pipe().unwrap();
        let file = fs::read(self.file).unwrap();
        // A command that ends early does not read all of it.
        thread::spawn(move || drop(writer.write_all(&file)));
        reader.into()
    }

    fn run_unhindered(&self) -> Ended {
        self.run(Refused {
            first: usize::MAX,
            all_after: false,
            least_bytes: 0,
        })
    }

    /// All requests of a decode; `None` if it is an error.
    fn requests(&self) -> Option<usize> {
        let ended = self.run_unhindered();
        let is_done = ended.code == Some(0);
        assert!(is_done || ended.code == Some(1), "{}", ended.errors);
        ended.requests.filter(|_| is_done)
    }
}

/// Small files of all classes; those of the corpus where it is there.
fn files() -> Vec<PathBuf> {
    let folders = ["conformance", "features", "field", "photos"];
    let folders = folders.map(|name| corpus().join(name));
    let folders = [samples()].into_iter().chain(folders);
    folders
        .flat_map(|folder| pictures_in(&folder))
        .filter(|path| is_small(path))
        .collect()
}

/// Two decodes more in one process, and what one of them costs.
pub(crate) fn further_decodes_make_few_requests() {
    let (mut most, mut checked) = (0, 0);
    let is_slow = is_slow_wanted("three of four decodes of each file and output");
    for (index, file) in files().into_iter().enumerate() {
        for (place, out) in ["out.png", "out.pam"].into_iter().enumerate() {
            if !is_slow && index % 4 != place {
                continue;
            }
            let requests = ["2", "4"].map(|repeat| {
                let options = ["--threads", "1", "--repeat", repeat];
                let case = Case {
                    file: &file,
                    is_piped: false,
                    out,
                    options: &options,
                };
                case.requests()
            });
            // Those that are refused are of other tests.
            let [Some(two), Some(four)] = requests else {
                continue;
            };
            let further = four.saturating_sub(two).div_ceil(2);
            assert!(
                two > 0 && further <= MOST_REQUESTS,
                "{}: {further}",
                file.display()
            );
            most = most.max(further);
            checked += 1;
        }
    }
    println!("a further decode makes at most {most} requests, {checked} cases");
    assert!(checked > if is_slow { 100 } else { 30 }, "{checked} cases");
}

/// An animation of black pictures of one pixel.
fn black_pixels(pictures: usize) -> Vec<u8> {
    // The signature, 1 x 1 pixel, an animation of 100 ticks a second, integers of 8 bits, sRGB.
    const HEADER: &[u8] = &[0xff, 0x0a, 0x00, 0x00, 0x00, 0x08, 0x02, 0x10, 0x13];
    // A regular frame of Modular coding, shown for a tick, which replaces the whole canvas; one
    // section.
    const FRAME: &[u8] = &[0x08, 0x06, 0x01, 0x00, 0x30, 0x00];
    // The same, as the last frame.
    const LAST: &[u8] = &[0x08, 0x06, 0x05, 0x00, 0x30, 0x00];
    // A tree of one leaf, and a code of one symbol: all samples are 0.
    const SAMPLES: &[u8] = &[
        0x8b, 0x31, 0x00, 0x00, 0x13, 0x00, 0x8c, 0x19, 0x00, 0x80, 0x09, 0x00,
    ];
    let mut file = HEADER.to_vec();
    for _ in 1..pictures {
        file.extend([FRAME, SAMPLES].concat());
    }
    file.extend([LAST, SAMPLES].concat());
    file
}

pub(crate) fn files_of_pictures_take_no_memory() {
    let file = folder().join("black.jxl");
    let options = ["--frames", "--repeat", "2", "--threads", "1"];
    // Bytes beyond those of the file.
    let peaks = [100, 1000].map(|pictures| {
        let bytes = black_pixels(pictures);
        fs::write(&file, &bytes).unwrap();
        let case = Case {
            file: &file,
            is_piped: false,
            out: "black.ppm",
            options: &options,
        };
        let ended = case.run_unhindered();
        assert_eq!(ended.code, Some(0), "{}", ended.errors);
        let last = folder().join(format!("black-{pictures:04}.ppm"));
        assert_eq!(fs::read(last).unwrap(), b"P6\n1 1\n255\n\0\0\0");
        ended.peak_bytes.unwrap() - bytes.len()
    });
    println!("{peaks:?} bytes at most beyond those of the file");
    assert!(peaks[1] < peaks[0] + 4096, "{peaks:?}");
}

pub(crate) fn refused_requests_end_in_an_error() {
    let folder = folder();
    let [trace, svg, html] = ["out.trace", "out.svg", "out.html"]
        .map(|name| format!("--record={}", folder.join(name).display()));
    let cases: [(&str, &str, &[&str]); 11] = [
        ("vardct_alpha", "out.png", &["--threads", "1"]),
        (
            "vardct_alpha",
            "out.ppm",
            &["--memory-limit", "64MiB", "--threads", "4"],
        ),
        ("animation_vardct", "out.png", &["--threads", "2"]),
        (
            "animation_lossless",
            "out.ppm",
            &["--frames", "--threads", "1"],
        ),
        ("icc", "out.png", &["--threads", "1"]),
        ("xyb_p3", "out.png", &["--threads", "1"]),
        ("float_rgb", "out.pfm", &["--threads", "1"]),
        (
            "rgba8_g0",
            "out.pam",
            &["--report", "--repeat", "2", "--threads", "2"],
        ),
        (
            "squeeze_g0",
            "out.png",
            &["--memory-limit", "16MiB", "--threads", "1"],
        ),
        // Enough events for every list of them to be large.
        (
            "animation_vardct",
            "out.ppm",
            &["--frames", "--threads", "2", &trace, &svg],
        ),
        (
            "rgb8_e3_g0",
            "out.png",
            &["--repeat", "4", "--threads", "2", &html],
        ),
    ];
    let is_slow = is_slow_wanted("three of four ways to refuse, for each file");
    for (index, (name, out, options)) in cases.into_iter().enumerate() {
        for is_piped in [false, true] {
            let file = samples().join(name).with_extension("jxl");
            let case = Case {
                file: &file,
                is_piped,
                out,
                options,
            };
            for all_after in [false, true] {
                let way = usize::from(is_piped) + 2 * usize::from(all_after);
                if !is_slow && index % 4 != way {
                    continue;
                }
                let refusals = refuse_each(&case, all_after);
                println!("{name} to {out}, pipe: {is_piped}: {refusals} refusals");
                assert!(refusals > 0, "{name}");
            }
        }
    }
}

/// Refuses one large request after the other, until there is none left. Returns how many there
/// were.
fn refuse_each(case: &Case<'_>, all_after: bool) -> usize {
    let name = case.file.display();
    for first in 0.. {
        let refused = Refused {
            first,
            all_after,
            least_bytes: LARGE_BYTES,
        };
        let ended = case.run(refused);
        let is_error = ended.code == Some(1) && ended.errors.lines().count() == 1;
        assert!(
            is_error || ended.code == Some(0),
            "{name}, {refused:?}: {:?}, {}",
            ended.code,
            ended.errors
        );
        if ended.requests.unwrap() <= first {
            assert_eq!(ended.code, Some(0), "{name}: {}", ended.errors);
            return first;
        }
    }
    unreachable!("an endless loop")
}
