use frame_arena::{ArenaSnapshot, FramePlan, FrameReport};
use jxl_arena::ImageInfo;

use super::byte_size::ByteSize;
use super::info::describe;
use super::rounds::Decoded;

/// Prints what the pictures of the last of `rounds` decodes took from the arena, the last of them by stage, and the arena's totals.
/// *Made* counts blocks and runs newly taken from the system, *reused* those that an earlier scope had handed back.
pub(super) fn print(decoded: &[Decoded], info: &ImageInfo, arena: &ArenaSnapshot, rounds: usize) {
    if decoded.len() > 1 {
        print_pictures(decoded, info);
    }
    if let Some(last) = decoded.last() {
        println!("memory of decode {rounds} of {rounds} by stage");
        print_stages(&last.report);
    }
    print_arena(arena);
}

fn print_pictures(decoded: &[Decoded], info: &ImageInfo) {
    println!(
        "memory of the pictures; that of frames which are not shown by themselves is not in it"
    );
    println!(
        "{:<20} {:>11} {:>13} {:>7} {:>7}",
        "picture", "peak", "handed out", "made", "reused"
    );
    for Decoded {
        info: frame,
        report,
    } in decoded
    {
        println!(
            "{:<20} {:>11} {:>13} {:>7} {:>7}",
            frame
                .as_ref()
                .map_or(String::new(), |frame| describe(frame, info)),
            ByteSize(report.peak_bytes),
            ByteSize(report.handed_out_bytes as usize),
            sum(report, |stage| stage.blocks_made + stage.runs_made),
            sum(report, |stage| stage.blocks_reused + stage.runs_reused),
        );
    }
}

fn print_stages(report: &FrameReport) {
    println!(
        "{:<20} {:>8} {:>11} {:>11} {:>13} {:>7} {:>7}",
        "stage", "opened", "live", "peak", "handed out", "made", "reused"
    );
    for stage in &report.stages {
        println!(
            "{:<20} {:>8} {:>11} {:>11} {:>13} {:>7} {:>7}",
            stage.name,
            stage.opened,
            ByteSize(stage.live_bytes),
            ByteSize(stage.peak_bytes),
            ByteSize(stage.handed_out_bytes as usize),
            stage.blocks_made + stage.runs_made,
            stage.blocks_reused + stage.runs_reused,
        );
    }
    println!(
        "{:<20} {:>8} {:>11} {:>11} {:>13} {:>7} {:>7}",
        "all",
        "",
        ByteSize(report.live_bytes),
        ByteSize(report.peak_bytes),
        ByteSize(report.handed_out_bytes as usize),
        sum(report, |stage| stage.blocks_made + stage.runs_made),
        sum(report, |stage| stage.blocks_reused + stage.runs_reused),
    );
}

fn print_arena(arena: &ArenaSnapshot) {
    println!(
        "arena: peak {} held, {} retained, {} charged for file and picture",
        ByteSize(arena.peak_held_bytes),
        ByteSize(arena.retained_bytes),
        ByteSize(arena.charged_bytes),
    );
    println!(
        "memory that is counted against the limit beside planes and scratch, by what it is for"
    );
    println!(
        "{:<20} {:>8} {:>11} {:>11}",
        "origin", "charged", "live", "peak"
    );
    for charge in &arena.charges {
        println!(
            "{:<20} {:>8} {:>11} {:>11}",
            charge.origin,
            charge.charges,
            ByteSize(charge.live_bytes),
            ByteSize(charge.peak_bytes),
        );
    }
    println!("requests of all decodes by kind; a hit is served memory that was handed out before");
    println!(
        "{:<20} {:>8} {:>13} {:>9}",
        "kind", "requests", "bytes", "hits"
    );
    for kind in &arena.kinds {
        println!(
            "{:<20} {:>8} {:>13} {:>7.1} %",
            kind.kind.to_string(),
            kind.requests,
            ByteSize(kind.bytes as usize),
            kind.hit_rate() * 100.0,
        );
    }
}

fn sum(report: &FrameReport, count: impl Fn(&frame_arena::StageReport) -> u64) -> u64 {
    report.stages.iter().map(count).sum()
}

/// Prints what a decode will take of the arena at most, by stage: bytes handed out at once, and what is held for them.
pub(super) fn print_plan(plan: &FramePlan) {
    println!("{:<20} {:>11}", "stage", "peak");
    for stage in plan.stages() {
        println!("{:<20} {:>11}", stage.name, ByteSize(stage.peak_bytes));
    }
    println!("{:<20} {:>11}", "all", ByteSize(plan.peak_bytes()));
    println!("{:<20} {:>11}", "held", ByteSize(plan.held_bytes()));
}
