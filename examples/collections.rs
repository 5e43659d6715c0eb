//! Collections in a scope: a growing list of an entropy decoder, until the arena's limit refuses
//! it.

use allocator_api2_04::vec::Vec;
use frame_arena::Arena;

fn main() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let mut symbols: Vec<u16, _> = Vec::new_in(&scratch);
    for symbol in 0..u16::MAX {
        if symbols.try_reserve(1).is_err() {
            break;
        }
        symbols.push(symbol);
    }
    println!(
        "{} symbols in {} bytes",
        symbols.len(),
        arena.snapshot().live_bytes
    );

    let more = symbols.try_reserve(1 << 20);
    println!(
        "a million more: {}",
        if more.is_err() { "refused" } else { "granted" }
    );
}
