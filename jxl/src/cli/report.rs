use frame_arena::{ArenaSnapshot, FramePlan, FrameReport};
use jxl_arena::ImageInfo;

use super::byte_size::ByteSize;
use super::console::{Console, say};
use super::decoded::Decoded;
use super::failure::Failure;
use super::frame_name::describe;

/// What a decode took from the arena, printed as it goes on.
pub(super) struct Report {
    console: Console,
    has_pictures: bool,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            console: Console::new(),
            has_pictures: false,
        }
    }

    /// A line on a picture of an animation.
    ///
    /// # Errors
    /// Failed writes to standard output.
    pub(super) fn picture(&mut self, decoded: &Decoded, info: &ImageInfo) -> Result<(), Failure> {
        let Decoded {
            info: Some(frame),
            report,
        } = decoded
        else {
            return Ok(());
        };
        let console = &mut self.console;
        if !std::mem::replace(&mut self.has_pictures, true) {
            say!(
                console,
                "memory of the pictures; that of frames which are not shown by themselves is not in it"
            )?;
            say!(
                console,
                "{:<20} {:>11} {:>13} {:>7} {:>7}",
                "picture",
                "peak",
                "handed out",
                "made",
                "reused"
            )?;
        }
        say!(
            console,
            "{:<20} {:>11} {:>13} {:>7} {:>7}",
            describe(frame, info),
            ByteSize(report.peak_bytes),
            ByteSize(report.handed_out_bytes as usize),
            sum(report, |stage| stage.blocks_made + stage.runs_made),
            sum(report, |stage| stage.blocks_reused + stage.runs_reused),
        )
    }

    /// What the last picture of the last of `rounds` decodes took, by stage, and the arena's
    /// totals. *Made* counts blocks and runs newly taken from the system, *reused* those that an
    /// earlier scope had handed back.
    ///
    /// # Errors
    /// Failed writes to standard output.
    pub(super) fn finish(
        mut self,
        last: Option<&Decoded>,
        arena: &ArenaSnapshot,
        rounds: usize,
    ) -> Result<(), Failure> {
        let console = &mut self.console;
        if let Some(last) = last {
            say!(console, "memory of decode {rounds} of {rounds} by stage")?;
            print_stages(console, &last.report)?;
        }
        print_arena(console, arena)?;
        self.console.finish()
    }
}

fn print_stages(console: &mut Console, report: &FrameReport) -> Result<(), Failure> {
    say!(
        console,
        "{:<20} {:>8} {:>11} {:>11} {:>13} {:>7} {:>7}",
        "stage",
        "opened",
        "live",
        "peak",
        "handed out",
        "made",
        "reused"
    )?;
    for stage in &report.stages {
        say!(
            console,
            "{:<20} {:>8} {:>11} {:>11} {:>13} {:>7} {:>7}",
            stage.name,
            stage.opened,
            ByteSize(stage.live_bytes),
            ByteSize(stage.peak_bytes),
            ByteSize(stage.handed_out_bytes as usize),
            stage.blocks_made + stage.runs_made,
            stage.blocks_reused + stage.runs_reused,
        )?;
    }
    say!(
        console,
        "{:<20} {:>8} {:>11} {:>11} {:>13} {:>7} {:>7}",
        "all",
        "",
        ByteSize(report.live_bytes),
        ByteSize(report.peak_bytes),
        ByteSize(report.handed_out_bytes as usize),
        sum(report, |stage| stage.blocks_made + stage.runs_made),
        sum(report, |stage| stage.blocks_reused + stage.runs_reused),
    )
}

fn print_arena(console: &mut Console, arena: &ArenaSnapshot) -> Result<(), Failure> {
    say!(
        console,
        "arena: peak {} held, {} retained, {} charged for file and picture",
        ByteSize(arena.peak_held_bytes),
        ByteSize(arena.retained_bytes),
        ByteSize(arena.charged_bytes),
    )?;
    say!(
        console,
        "memory that is counted against the limit beside planes and scratch, by what it is for"
    )?;
    say!(
        console,
        "{:<20} {:>8} {:>11} {:>11}",
        "origin",
        "charged",
        "live",
        "peak"
    )?;
    for charge in &arena.charges {
        say!(
            console,
            "{:<20} {:>8} {:>11} {:>11}",
            charge.origin,
            charge.charges,
            ByteSize(charge.live_bytes),
            ByteSize(charge.peak_bytes),
        )?;
    }
    say!(
        console,
        "requests of all decodes by kind; a hit is served memory that was handed out before"
    )?;
    say!(
        console,
        "{:<20} {:>8} {:>13} {:>9}",
        "kind",
        "requests",
        "bytes",
        "hits"
    )?;
    for kind in &arena.kinds {
        say!(
            console,
            "{:<20} {:>8} {:>13} {:>7.1} %",
            kind.kind.to_string(),
            kind.requests,
            ByteSize(kind.bytes as usize),
            kind.hit_rate() * 100.0,
        )?;
    }
    Ok(())
}

fn sum(report: &FrameReport, count: impl Fn(&frame_arena::StageReport) -> u64) -> u64 {
    report.stages.iter().map(count).sum()
}

/// Prints what a decode will take of the arena at most, by stage: bytes handed out at once, and
/// what is held for them.
pub(super) fn print_plan(console: &mut Console, plan: &FramePlan) -> Result<(), Failure> {
    say!(console, "{:<20} {:>11}", "stage", "peak")?;
    for stage in plan.stages() {
        say!(
            console,
            "{:<20} {:>11}",
            stage.name,
            ByteSize(stage.peak_bytes)
        )?;
    }
    say!(console, "{:<20} {:>11}", "all", ByteSize(plan.peak_bytes()))?;
    say!(
        console,
        "{:<20} {:>11}",
        "held",
        ByteSize(plan.held_bytes())
    )
}
