//! Drawings of traces are well-formed, complete, bounded, deterministic, and show leaks.
//!
//! With `MEMORY_MAPS=FOLDER` in the environment the drawings are kept there for inspection.

use std::collections::HashSet;
use std::path::Path;

use frame_arena::{Arena, Frame, PlaneAlloc, Retention};
use frame_arena_trace::{Event, MemoryMap, Trace};
use roxmltree::{Document, Node};

fn recording() -> Arena {
    Arena::builder().record().build()
}

/// Returns what the arena recorded, with a microsecond from each event to the next, so that
/// drawings do not depend on the load of the machine.
fn trace(arena: &Arena) -> Trace {
    let recorded = arena.recording().unwrap().expect("an arena that records");
    let names = recorded.names().iter().map(|&name| name.to_owned());
    let names = names.collect();
    let events = recorded.events().iter().zip(0..);
    let events = events.map(|(&event, index)| Event {
        time_ns: index * 1000,
        ..event
    });
    Trace::new(names, events.collect()).unwrap()
}

fn svg(map: &MemoryMap<'_>) -> String {
    let mut text = Vec::new();
    map.write_svg(&mut text).unwrap();
    if let Some(folder) = std::env::var_os("MEMORY_MAPS") {
        let thread = std::thread::current();
        let path = Path::new(&folder).join(thread.name().unwrap_or("picture"));
        std::fs::write(path.with_extension("svg"), &text).unwrap();
        let page = std::fs::File::create(path.with_extension("html")).unwrap();
        map.write_html(page).unwrap();
    }
    String::from_utf8(text).unwrap()
}

/// Returns the elements that have this class.
fn of_class<'d>(document: &'d Document<'_>, class: &str) -> Vec<Node<'d, 'd>> {
    let has = |node: &Node<'_, '_>| {
        let classes = node.attribute("class").unwrap_or_default();
        classes.split(' ').any(|one| one == class)
    };
    document.descendants().filter(has).collect()
}

/// Returns all text of elements of this name.
fn texts(document: &Document<'_>, element: &str) -> String {
    let nodes = document
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", element)));
    nodes
        .filter_map(|node| node.text())
        .collect::<Vec<_>>()
        .join("\n")
}

fn stages(frame: &Frame, names: &[&'static str]) {
    for name in names {
        let stage = frame.stage(name);
        let _ = stage.plane::<f32>(512, 256).unwrap();
        stage
            .with_scratch(|scratch| scratch.slice::<i32>(500).map(drop))
            .unwrap();
    }
}

#[test]
fn frames_stages_planes_and_the_peak_are_drawn_and_named() {
    let arena = recording();
    let frame = arena.frame();
    let _ = frame.planes::<u16>(3, 700, 500).unwrap();
    stages(&frame, &["coefficients", "filters", "upsampling"]);
    let kept = frame.plane::<f32>(2000, 1000).unwrap();
    let kept = frame.detach(kept).unwrap();
    drop(frame);
    drop(kept);
    let trace = trace(&arena);
    let text = svg(&MemoryMap::new(&trace).title("Three stages"));
    let document = Document::parse(&text).unwrap();
    let words = texts(&document, "text");
    for name in [
        "Three stages",
        "frame 1",
        "coefficients",
        "filters",
        "upsampling",
        "detached",
        "striped: scratch",
    ] {
        assert!(words.contains(name), "{name} is missing in {words}");
    }
    let peak = trace
        .levels()
        .unwrap()
        .iter()
        .map(|level| level.live_bytes)
        .max()
        .unwrap();
    let peak = format!("most live: {:.1} MiB", peak as f64 / 1_048_576.0);
    assert!(words.contains(&peak), "{peak} is missing in {words}");
    let explained = texts(&document, "title");
    assert!(
        explained.contains("f32 2-D, 528 KiB, zeroed, thread 0"),
        "{explained}"
    );
    assert_eq!(of_class(&document, "plot").len(), 3);
    assert!(of_class(&document, "leak").is_empty());
    // Bars of three stages, each with a plane and a scratch.
    for style in ["s3", "s4", "s5"] {
        assert_eq!(of_class(&document, style).len(), 3, "{style}");
    }
    assert_eq!(of_class(&document, "w").len(), 3);
}

#[test]
fn a_forgotten_stage_is_seen() {
    if cfg!(frame_arena_asan) {
        eprintln!("skipped: LeakSanitizer reports the leak too");
        return;
    }
    let arena = recording();
    for leaks in [false, true, false] {
        let frame = arena.frame();
        let stage = frame.stage("filters");
        let _ = stage.plane::<f32>(640, 480).unwrap();
        if leaks {
            std::mem::forget(stage);
        }
    }
    let trace = trace(&arena);
    let text = svg(&MemoryMap::new(&trace));
    let document = Document::parse(&text).unwrap();
    let leaks = of_class(&document, "leak");
    let shapes = leaks.iter().filter(|node| node.has_children());
    assert_eq!(shapes.count(), 2, "the stage's bar and its plane");
    assert!(texts(&document, "text").contains("Never closed: 1 scope of filters with 1.2 MiB."));
    assert!(texts(&document, "title").contains("never returned"));
    // The plane extends to the right edge.
    let plane = leaks.last().unwrap();
    let number = |name: &str| plane.attribute(name).unwrap().parse::<f64>().unwrap();
    assert!((number("x") + number("width") - 1080.0).abs() < 0.2);
}

#[test]
fn a_limit_is_drawn_where_it_matters_and_stated_always() {
    for (limit_bytes, lines) in [(1 << 20, 1), (1 << 30, 0)] {
        let arena = Arena::builder().record().limit_bytes(limit_bytes).build();
        let charge = arena.frame().charge(100_000).unwrap();
        stages(&arena.frame(), &["coefficients", "filters"]);
        drop(charge);
        let trace = trace(&arena);
        let text = svg(&MemoryMap::new(&trace).limit_bytes(limit_bytes));
        let document = Document::parse(&text).unwrap();
        let drawn = of_class(&document, "limit");
        let drawn = drawn.iter().filter(|node| {
            node.ancestors()
                .any(|a| a.attribute("class") == Some("plot curves"))
        });
        assert_eq!(drawn.count(), lines);
        let words = texts(&document, "text");
        assert!(words.contains("Limit 1 "), "{words}");
    }
}

#[test]
fn names_are_escaped_in_pictures_and_pages() {
    const NAME: &str = "<script>alert(1)</script>&\"'\u{1b}\u{0}]]>";
    let arena = recording();
    arena.with_frame(|frame| stages(frame, &[NAME]));
    let trace = trace(&arena);
    let map = MemoryMap::new(&trace).title(NAME);
    let text = svg(&map);
    let document = Document::parse(&text).unwrap();
    assert!(texts(&document, "text").contains("<script>alert(1)</script>&\"'\u{fffd}\u{fffd}]]>"));
    let mut page = Vec::new();
    map.write_html(&mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert_eq!(page.matches("<script>").count(), 1, "only the page's own");
    assert!(page.contains("&lt;script&gt;"));
    for outside in ["src=", "href=", "@import", "url(h"] {
        assert!(!page.contains(outside), "the page refers to other files");
    }
}

#[test]
fn the_same_trace_gives_the_same_picture() {
    let arena = recording();
    arena.with_frame(|frame| stages(frame, &["a", "b", "c"]));
    let first = trace(&arena);
    let mut text = Vec::new();
    first.write_to(&mut text).unwrap();
    let again = Trace::read_from(&text[..]).unwrap();
    assert_eq!(svg(&MemoryMap::new(&first)), svg(&MemoryMap::new(&again)));
}

/// The committed picture is that of its trace.
#[test]
fn the_committed_picture_is_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let trace = std::fs::read(folder.join("groups.trace")).unwrap();
    let trace = Trace::read_from(&trace[..]).unwrap();
    let mut drawn = Vec::new();
    MemoryMap::new(&trace)
        .title("groups")
        .write_svg(&mut drawn)
        .unwrap();
    let committed = std::fs::read(folder.join("groups.svg")).unwrap();
    assert!(committed.len() < 60_000);
    assert!(
        committed == drawn,
        "renew it: cargo run -p frame-arena-trace --example memory_map -- \
        trace/examples/groups.trace trace/examples/groups.svg"
    );
}

/// The trace has tens of thousands of requests of many sizes, in hundreds of blocks and runs, in
/// more stages than there are colors.
#[test]
fn large_traces_give_pictures_of_moderate_size() {
    const NAMES: [&str; 20] = [
        "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10", "n11", "n12", "n13",
        "n14", "n15", "n16", "n17", "n18", "n19",
    ];
    let arena = Arena::builder()
        .record()
        .retention(Retention::KeepAll)
        .block_bytes(64 << 10)
        .build();
    for round in 0..8 {
        let frame = arena.frame();
        let planes: Vec<_> = (0..300)
            .map(|i| frame.stale_slice::<u8>(66_000 + i * 64).unwrap())
            .collect();
        for group in 0..250 {
            let stage = frame.stage(NAMES[(group * 7 + round) % NAMES.len()]);
            for request in 0..10 {
                stage.stale_slice::<u8>(100 + request * 37 % 900).unwrap();
                let scratch = stage.scratch();
                scratch.stale_slice::<u8>(1000 + request * 211).unwrap();
            }
        }
        drop(planes);
    }
    let trace = trace(&arena);
    let requests = trace.allocations().unwrap().len();
    assert!(requests > 40_000, "{requests}");
    let text = svg(&MemoryMap::new(&trace));
    assert!(text.len() < 1_000_000, "{} bytes", text.len());
    let document = Document::parse(&text).unwrap();
    assert!(of_class(&document, "m").len() < 3600);
    let words = texts(&document, "text");
    assert!(words.contains(" smaller\n"), "all memory has a lane");
    assert!(words.contains("other stages"));
    let named: HashSet<&str> = words.lines().collect();
    let named = NAMES.iter().filter(|name| named.contains(**name));
    assert!(named.count() >= 14);
}

#[test]
fn traces_without_times_and_empty_ones_are_drawn() {
    let text = "frame-arena trace 1\nn filters\n0 f\n0 s 0 0\n0 m r 4096\n0 r 1 f2 z 2048 0 0\n0 e 1\n0 k 0\n0 e 0\n";
    let trace = Trace::read_from(text.as_bytes()).unwrap();
    let picture = svg(&MemoryMap::new(&trace));
    let document = Document::parse(&picture).unwrap();
    assert_eq!(of_class(&document, "s3").len(), 2);
    assert!(texts(&document, "text").contains("event 3"));
    for empty in [
        "frame-arena trace 1\n",
        "frame-arena trace 1\n0 f\n",
        "frame-arena trace 1\n5 m b 0\n",
    ] {
        let trace = Trace::read_from(empty.as_bytes()).unwrap();
        Document::parse(&svg(&MemoryMap::new(&trace))).unwrap();
    }
}

/// The largest numbers that a trace may have.
#[test]
fn extreme_numbers_are_drawn() {
    let most = usize::MAX;
    let text = format!(
        "frame-arena trace 1\n0 f\n{} m r {most}\n1 r 0 f2 z {most} 0 0\n0 e 0\n0 x 0\n",
        u64::MAX - 1
    );
    let trace = Trace::read_from(text.as_bytes()).unwrap();
    let picture = svg(&MemoryMap::new(&trace).limit_bytes(most));
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
    Document::parse(&picture).unwrap();
}
