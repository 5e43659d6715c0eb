use bytesize::ByteSize;
use frame_arena::{ArenaSnapshot, FramePlan, FrameReport};
use jxl_arena::ImageInfo;

use super::console::{Console, say};
use super::decoded::Decoded;
use super::failure::Failure;
use super::frame_name::describe;

/// The report of a decode's memory, printed as the decode proceeds.
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

    /// Prints a line about a picture of an animation.
    ///
    /// # Errors
    /// Failed writes to standard output.
    pub(super) fn picture(&mut self, decoded: &Decoded, info: &ImageInfo) -> Result<(), Failure> {
        let Decoded {
            info: Some(frame),
            report,
            ..
        } = decoded
        else {
            return Ok(());
        };
        let console = &mut self.console;
        if !std::mem::replace(&mut self.has_pictures, true) {
            say!(console, "memory per picture (hidden frames excluded)")?;
            say!(
                console,
                "{:<20} {:>11} {:>13} {:>7} {:>7}",
                "picture",
                "peak",
                "requested",
                "made",
                "reused"
            )?;
        }
        say!(
            console,
            "{:<20} {:>11.2} {:>13.2} {:>7} {:>7}",
            describe(frame, info),
            size(report.peak_bytes),
            ByteSize(report.requested_bytes),
            sum(report, |stage| stage.blocks_made + stage.runs_made),
            sum(report, |stage| stage.blocks_reused + stage.runs_reused),
        )
    }

    /// Prints the memory of the last picture of the last of `rounds` decodes by stage, and the
    /// statistics of the arena. *Made* counts blocks and runs taken from the system, *reused* those
    /// that an earlier scope returned.
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
        "requested",
        "made",
        "reused"
    )?;
    for stage in &report.stages {
        say!(
            console,
            "{:<20} {:>8} {:>11.2} {:>11.2} {:>13.2} {:>7} {:>7}",
            stage.name,
            stage.opened,
            size(stage.live_bytes),
            size(stage.peak_bytes),
            ByteSize(stage.requested_bytes),
            stage.blocks_made + stage.runs_made,
            stage.blocks_reused + stage.runs_reused,
        )?;
    }
    say!(
        console,
        "{:<20} {:>8} {:>11.2} {:>11.2} {:>13.2} {:>7} {:>7}",
        "all",
        "",
        size(report.live_bytes),
        size(report.peak_bytes),
        ByteSize(report.requested_bytes),
        sum(report, |stage| stage.blocks_made + stage.runs_made),
        sum(report, |stage| stage.blocks_reused + stage.runs_reused),
    )
}

fn print_arena(console: &mut Console, arena: &ArenaSnapshot) -> Result<(), Failure> {
    say!(
        console,
        "arena: peak {:.2} held, {:.2} retained, {:.2} charged for file and picture",
        size(arena.peak_held_bytes),
        size(arena.retained_bytes),
        size(arena.charged_bytes),
    )?;
    say!(
        console,
        "other memory that counts against the limit, by purpose"
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
            "{:<20} {:>8} {:>11.2} {:>11.2}",
            charge.origin,
            charge.charges,
            size(charge.live_bytes),
            size(charge.peak_bytes),
        )?;
    }
    say!(
        console,
        "requests of all decodes by kind; a hit is served with memory that was granted before"
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
            "{:<20} {:>8} {:>13.2} {:>7.1} %",
            kind.kind.to_string(),
            kind.requests,
            ByteSize(kind.bytes),
            kind.hit_rate() * 100.0,
        )?;
    }
    Ok(())
}

fn sum(report: &FrameReport, count: impl Fn(&frame_arena::StageReport) -> u64) -> u64 {
    report.stages.iter().map(count).sum()
}

/// Prints the most memory that a decode may take from the arena: peak bytes by stage, and held
/// bytes in total.
pub(super) fn print_plan(console: &mut Console, plan: &FramePlan) -> Result<(), Failure> {
    say!(console, "{:<20} {:>11}", "stage", "peak")?;
    for stage in plan.stages() {
        say!(
            console,
            "{:<20} {:>11.2}",
            stage.name,
            size(stage.peak_bytes)
        )?;
    }
    say!(console, "{:<20} {:>11.2}", "all", size(plan.peak_bytes()))?;
    say!(console, "{:<20} {:>11.2}", "held", size(plan.held_bytes()))
}

fn size(bytes: usize) -> ByteSize {
    ByteSize(bytes as u64)
}
