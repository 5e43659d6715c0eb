//! Tests that watch or hinder the global allocator, each for its own thread.

#[cfg(target_os = "linux")]
mod exchange;
mod model;
mod refused;

#[cfg(target_os = "linux")]
use exchange::balance::Balance;
use model::freed::Recording;
use refused::odd::Odd;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: Odd<Balance<Recording>> = Odd(Balance(Recording));

#[cfg(not(target_os = "linux"))]
#[global_allocator]
static ALLOCATOR: Odd<Recording> = Odd(Recording);
