//! Text that is no trace is refused with the line and the reason.

use frame_arena_trace::{Action, Event, Trace, TraceError};

fn refused(lines: &str) -> (usize, String) {
    let text = format!("frame-arena trace 1\n{lines}");
    match Trace::read_from(text.as_bytes()) {
        Err(TraceError::Line { line, problem }) => (line, problem.to_owned()),
        other => panic!("{lines:?} gave {other:?}"),
    }
}

fn assert_refused(lines: &str, at: usize, problem: &str) {
    let (line, found) = refused(lines);
    assert_eq!((line, &*found), (at, problem), "{lines:?}");
}

#[test]
fn comments_names_and_threads_are_read() {
    let text = "frame-arena trace 1\n# made by hand\nn XYB band\n5 f\nt 3\n2 s 0 0\n0 e 1\n";
    let trace = Trace::read_from(text.as_bytes()).unwrap();
    assert_eq!(trace.names(), ["XYB band"]);
    let expected = [
        (5, 0, Action::OpenFrame),
        (7, 3, Action::OpenStage { parent: 0, name: 0 }),
        (7, 3, Action::Close { scope: 1 }),
    ];
    let expected = expected.map(|(time_ns, thread, action)| Event {
        time_ns,
        thread,
        action,
    });
    assert_eq!(trace.events(), expected);
}

#[test]
fn text_that_is_no_trace() {
    for text in ["", "frame-arena trace 2\n", "\n", "PNG"] {
        let error = Trace::read_from(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, TraceError::Line { line: 1, .. }),
            "{text:?}: {error}"
        );
    }
    let error = Trace::read_from(&b"frame-arena trace 1\n\xff\xfe f\n"[..]).unwrap_err();
    assert_eq!(error.to_string(), "line 2 of the trace: not UTF-8");
}

#[test]
fn lines_that_are_no_events() {
    let neither = "neither an event nor a name, thread or comment";
    for (line, problem) in [
        ("", neither),
        ("f", neither),
        ("x f", "no time"),
        ("-1 f", "no time"),
        ("0 f 1", "too many fields"),
        ("0 s 0", "too few fields"),
        ("0 q 1", "no event has this letter"),
        ("0 e one", "no number"),
        ("0 e 99999999999999999999999", "no number"),
        ("0 m z 4096", "no class of memory"),
        ("0 r 0 f9 z 1 0 0", "no kind of request"),
        ("0 r 0 \u{e9}2 z 1 0 0", "no kind of request"),
        ("0 r 0 f2 y 1 0 0", "neither zeroed nor stale"),
    ] {
        assert_refused(&format!("0 f\n{line}\n"), 3, problem);
    }
    assert_refused(
        &format!("0 f\n{} f\n1 f\n", u64::MAX),
        4,
        "a time above 64 bits",
    );
    assert_refused(
        &format!("n {}\n", "x".repeat(5000)),
        2,
        "longer than any line of a trace",
    );
}

#[test]
fn events_that_cannot_follow() {
    let not_open = "a scope that is not open";
    let no_memory = "undefined memory, or memory in another state";
    let no_room = "a request outside the room of its memory";
    let other = "a request in memory of another scope";
    let kind = "a kind that the scope does not serve";
    for (lines, problem) in [
        ("0 e 1", not_open),
        ("0 e 0\n0 e 0", not_open),
        ("0 e 0\n0 w 0", not_open),
        ("0 s 0 0", "undefined stage name"),
        ("n a\n0 w 0\n0 s 1 0", "a stage in a scratch"),
        ("0 r 0 f2 z 1 0 0", no_memory),
        ("0 m r 64\n0 k 0\n0 r 0 f2 z 1 0 0", no_memory),
        ("0 m r 64\n0 k 0\n0 k 0", no_memory),
        ("0 m r 64\n0 u 0", no_memory),
        ("0 m r 64\n0 x 0\n0 x 0", no_memory),
        ("0 m r 64\n0 r 0 f2 z 65 0 0", no_room),
        ("0 m r 64\n0 r 0 f2 z 64 0 1", no_room),
        ("0 m r 64\n0 r 0 f2 z 40 0 0\n0 r 0 f2 z 40 0 0", no_room),
        ("0 m r 64\n0 r 0 f2 z 1 0 18446744073709551615", no_room),
        ("0 m r 64\n0 r 0 f2 z 1 0 0\n0 f\n0 r 1 f2 z 1 0 8", other),
        ("0 m r 64\n0 r - d z 1 0 0\n0 r - d z 1 0 8", other),
        ("0 m r 64\n0 r 0 w z 1 0 0", kind),
        ("0 m r 64\n0 r 0 d z 1 0 0", kind),
        ("0 m r 64\n0 r - f2 z 1 0 0", kind),
        (
            "0 m r 64\n0 r 0 f2 z 1 0 0\n0 k 0",
            "memory returned before its scope ended",
        ),
        (
            "0 m r 64\n0 d 0",
            "detached memory that does not serve one plane of a scope",
        ),
        (
            "0 w 0\n0 m r 64\n0 r 1 w z 1 0 0\n0 d 0",
            "a plane detached from a scratch",
        ),
        (
            "0 m r 18446744073709551615\n0 m r 1",
            "more memory than an address space has",
        ),
        (
            "0 c 0 18446744073709551615\n0 m r 1",
            "more memory than an address space has",
        ),
        ("0 g 0", "undefined or ended charge"),
        ("0 c 0 5\n0 g 0\n0 g 0", "undefined or ended charge"),
    ] {
        assert_refused(
            &format!("0 f\n{lines}\n"),
            2 + lines.lines().count(),
            problem,
        );
    }
}

#[test]
fn events_given_are_checked_too() {
    let event = Event {
        time_ns: 0,
        thread: 0,
        action: Action::Keep { memory: 3 },
    };
    let error = Trace::new(Vec::new(), vec![event]).unwrap_err();
    assert!(matches!(error, TraceError::Inconsistent { index: 0, .. }));
}

/// Changed, cut and doubled lines never panic, and whatever is accepted can be summed up and
/// written again.
#[test]
fn mutilated_text_is_refused_or_consistent() {
    let arena = super::recording().build();
    let reference = {
        use frame_arena::PlaneAlloc;
        let frame = arena.frame();
        frame.with_stage("stage", |stage| {
            stage
                .with_scratch(|scratch| scratch.slice::<u8>(500).map(|_| ()))
                .unwrap();
            stage.slice::<f32>(600).unwrap();
        });
        frame
            .detach(frame.plane::<u8>(2000, 2000).unwrap())
            .unwrap()
    };
    drop(reference);
    let mut text = Vec::new();
    super::trace(&arena).write_to(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut accepted = 0;
    for removed in 1..lines.len() {
        for replaced in 1..lines.len() {
            let mut changed = lines.clone();
            changed[replaced] = lines[removed];
            changed.remove(removed);
            if let Ok(trace) = Trace::read_from(changed.join("\n").as_bytes()) {
                accepted += 1;
                assert_eq!(trace.levels().unwrap().len(), trace.events().len());
                trace.allocations().unwrap();
                trace.memory().unwrap();
                trace.scopes().unwrap();
                super::sums::assert_reads_back(&trace);
            }
        }
    }
    assert!(accepted > 0);
}
