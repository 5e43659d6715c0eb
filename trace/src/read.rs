use std::io::{self, BufRead};

use frame_arena::Kind;

use crate::check::{Check, Problem};
use crate::list::add;
use crate::write::{CLASSES, HEADING, SAMPLES, SHAPES};
use crate::{Action, Event, Fill, Trace, TraceError};

/// Longest line that is read, in bytes.
const MOST_LINE_BYTES: u64 = 1024;

impl Trace {
    /// Reads a trace from [text](crate#the-text-format).
    ///
    /// # Errors
    /// The errors of `from`; text that is no trace; events that cannot follow each other. Memory is
    /// taken in proportion to the text read, whatever numbers it contains.
    pub fn read_from(mut from: impl BufRead) -> Result<Self, TraceError> {
        let mut reader = Reader::new();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let most = MOST_LINE_BYTES + 1;
            io::Read::take(&mut from, most).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            reader
                .read(&line, number)
                .map_err(|problem| match problem {
                    Problem::Inconsistent(problem) => TraceError::Line {
                        line: number,
                        problem,
                    },
                    Problem::NoMemory(refused) => refused.into(),
                })?;
        }
        match reader.has_heading {
            true => Ok(reader.trace),
            false => Err(TraceError::Line {
                line: 1,
                problem: "an empty file",
            }),
        }
    }
}

struct Reader {
    trace: Trace,
    check: Check,
    has_heading: bool,
    thread: usize,
    time_ns: u64,
}

type Step<T> = Result<T, &'static str>;

impl Reader {
    fn new() -> Self {
        Self {
            trace: Trace {
                names: Vec::new(),
                events: Vec::new(),
            },
            check: Check::new(),
            has_heading: false,
            thread: 0,
            time_ns: 0,
        }
    }

    fn read(&mut self, line: &[u8], number: usize) -> Result<(), Problem> {
        if line.len() as u64 > MOST_LINE_BYTES {
            return Err("longer than any line of a trace".into());
        }
        let line = str::from_utf8(line).map_err(|_| "not UTF-8")?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        if number == 1 {
            self.has_heading = line == HEADING;
            return if self.has_heading {
                Ok(())
            } else {
                Err("not the first line of a trace".into())
            };
        }
        if line.starts_with('#') {
            return Ok(());
        }
        match line.split_once(' ') {
            Some(("n", name)) => Ok(add(&mut self.trace.names, name.to_owned())?),
            Some(("t", thread)) => {
                self.thread = parse(thread)?;
                Ok(())
            }
            Some((elapsed, action)) => self.event(elapsed, action),
            None => Err("neither an event nor a name, thread or comment".into()),
        }
    }

    fn event(&mut self, elapsed_ns: &str, action: &str) -> Result<(), Problem> {
        let elapsed_ns: u64 = elapsed_ns.parse().map_err(|_| "no time")?;
        let time_ns = self.time_ns.checked_add(elapsed_ns);
        self.time_ns = time_ns.ok_or("a time above 64 bits")?;
        let action = action_of(&mut Fields(action.split(' ')))?;
        self.check.follow(&action, self.trace.names.len())?;
        let event = Event {
            time_ns: self.time_ns,
            thread: self.thread,
            action,
        };
        Ok(add(&mut self.trace.events, event)?)
    }
}

struct Fields<'l>(std::str::Split<'l, char>);

impl Fields<'_> {
    fn word(&mut self) -> Step<&str> {
        self.0.next().ok_or("too few fields")
    }

    fn number(&mut self) -> Step<usize> {
        parse(self.word()?)
    }

    fn end(&mut self) -> Step<()> {
        self.0.next().map_or(Ok(()), |_| Err("too many fields"))
    }
}

fn action_of(fields: &mut Fields<'_>) -> Step<Action> {
    let action = match fields.word()? {
        "f" => Action::OpenFrame,
        "s" => Action::OpenStage {
            parent: fields.number()?,
            name: fields.number()?,
        },
        "w" => Action::OpenScratch {
            parent: fields.number()?,
        },
        "e" => Action::Close {
            scope: fields.number()?,
        },
        "r" => request(fields)?,
        "d" => Action::Detach {
            memory: fields.number()?,
        },
        "m" => Action::Make {
            class: meaning(&CLASSES, fields.word()?).ok_or("no class of memory")?,
            bytes: fields.number()?,
        },
        "u" => Action::Reuse {
            memory: fields.number()?,
        },
        "k" => Action::Keep {
            memory: fields.number()?,
        },
        "x" => Action::Release {
            memory: fields.number()?,
        },
        "c" => Action::Charge {
            scope: fields.number()?,
            bytes: fields.number()?,
        },
        "g" => Action::Discharge {
            charge: fields.number()?,
        },
        _ => return Err("no event has this letter"),
    };
    fields.end()?;
    Ok(action)
}

fn request(fields: &mut Fields<'_>) -> Step<Action> {
    let scope = match fields.word()? {
        "-" => None,
        scope => Some(parse(scope)?),
    };
    Ok(Action::Request {
        scope,
        kind: kind(fields.word()?).ok_or("no kind of request")?,
        fill: match fields.word()? {
            "z" => Fill::Zeroed,
            "s" => Fill::Stale,
            _ => return Err("neither zeroed nor stale"),
        },
        bytes: fields.number()?,
        memory: fields.number()?,
        offset: fields.number()?,
    })
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "w" => return Some(Kind::Scratch),
        "d" => return Some(Kind::Detached),
        "c" => return Some(Kind::Collection),
        "r" => return Some(Kind::Raw),
        _ => {}
    }
    let (sample, shape) = word.split_at_checked(1)?;
    Some(Kind::Samples(
        meaning(&SAMPLES, sample)?,
        meaning(&SHAPES, shape)?,
    ))
}

fn meaning<T: Copy>(letters: &[(T, char)], word: &str) -> Option<T> {
    let mut characters = word.chars();
    let (letter, None) = (characters.next()?, characters.next()) else {
        return None;
    };
    let found = letters.iter().find(|(_, known)| *known == letter);
    found.map(|&(value, _)| value)
}

fn parse(word: &str) -> Step<usize> {
    word.parse().map_err(|_| "no number")
}
