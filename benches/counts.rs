//! Guards the costs of warm memory by counts: instructions of the shortest operations, and
//! allocator calls and page faults of these and of whole frames. They are compared with the counts
//! committed in `counts.toml`. Needs valgrind.

#[path = "support/callgrind.rs"]
mod callgrind;
#[path = "support/committed.rs"]
mod committed;
#[path = "../tests/zero_alloc/count.rs"]
mod count;
#[path = "support/paths.rs"]
mod paths;
#[path = "../tests/zero_alloc/work.rs"]
mod work;

use std::process::{Command, ExitCode};
use std::sync::Barrier;

use committed::Measured;
use count::{Costs, Counting};
use frame_arena::Arena;
use paths::{PATHS, PLANES_IN_SCOPE, Path};
use work::{HEIGHT, Spread, WIDTH, decode};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/counts.toml");
const COMMAND: &str = "cargo bench -p frame-arena --bench counts";

/// Number of operations whose allocator calls and faults are counted.
const TIMES: u32 = 1000;
const FRAMES: u32 = 16;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["run", name, times] => run(name, times),
        _ if arguments.contains(&"--test") => costs().map(drop),
        _ => check(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn check() -> Result<(), String> {
    let mut measured = costs()?;
    for (name, _) in PATHS {
        measured.push(Measured {
            section: "instructions",
            name,
            value: instructions(name)?,
        });
    }
    committed::check(FIGURES.as_ref(), &measured, COMMAND)
}

/// The process that callgrind watches.
fn run(name: &str, times: &str) -> Result<(), String> {
    let path = PATHS.iter().find(|path| path.0 == name);
    let (_, path) = path.ok_or("no such operation")?;
    let times: u32 = times.parse().map_err(|_| "not a number of times")?;
    let arena = Arena::new();
    path(&arena, PLANES_IN_SCOPE);
    path(&arena, times);
    Ok(())
}

/// Instructions of one warm operation, from two runs with different numbers of operations, so that
/// all other work of the process cancels out.
fn instructions(name: &str) -> Result<u64, String> {
    let few = collected(name, 10 * PLANES_IN_SCOPE)?;
    let many = collected(name, 30 * PLANES_IN_SCOPE)?;
    Ok((many - few) / u64::from(20 * PLANES_IN_SCOPE))
}

/// Instructions of a process that runs the operation `times` times.
fn collected(name: &str, times: u32) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    callgrind::instructions(Command::new(program).args(["run", name, &times.to_string()]))
}

/// Allocator calls and faults of warm operations and frames.
fn costs() -> Result<Vec<Measured>, String> {
    let mut measured = Vec::new();
    let mut add = |name, costs: Costs| {
        for (section, value) in [
            ("allocator_calls", costs.calls),
            ("minor_faults", costs.minor_faults),
        ] {
            measured.push(Measured {
                section,
                name,
                value,
            });
        }
    };
    for (name, path) in PATHS {
        add(name, costs_of_path(path));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.map_err(|error| error.to_string())?.install(|| {
        let equal = Spread::OneEach(Barrier::new(1));
        add("frames_of_equal_groups", costs_of_frames(&equal));
        add(
            "frames_of_uneven_groups",
            costs_of_frames(&Spread::Stealing),
        );
    });
    Ok(measured)
}

fn costs_of_path(path: Path) -> Costs {
    let arena = Arena::new();
    path(&arena, PLANES_IN_SCOPE);
    let before = Costs::now();
    path(&arena, TIMES);
    Costs::now().since(before)
}

fn costs_of_frames(spread: &Spread) -> Costs {
    let arena = Arena::new();
    // From the first frame on there is one reference frame while another is made.
    let mut reference = arena.detached_plane(WIDTH, HEIGHT).expect("memory");
    let mut frame = || decode(&arena, &mut reference, spread).expect("memory");
    let first = frame();
    let before = Costs::now();
    for _ in 0..FRAMES {
        assert_eq!(frame(), first, "a frame of other samples");
    }
    Costs::now().since(before)
}
