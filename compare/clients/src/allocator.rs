//! The process's global allocator, chosen when the process starts, with its calls counted.
//!
//! One program serves for all allocators, so that the compiler sees the same code for each of them.

#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::CStr;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

use mimalloc::MiMalloc;
use tikv_jemallocator::Jemalloc;

/// An allocator that a process can run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Allocator {
    /// The allocator of the system, glibc's.
    System = 1,
    /// jemalloc 5.3.
    Jemalloc = 2,
    /// mimalloc 3, or 2 with the feature `mimalloc-2`.
    Mimalloc = 3,
}

/// Name of the environment variable that chooses the allocator of a process.
pub const VARIABLE: &str = "COMPARE_CLIENTS_ALLOCATOR";

const VARIABLE_FOR_C: &CStr = c"COMPARE_CLIENTS_ALLOCATOR";

/// The chosen allocator as a number, or 0 before the first call.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

impl Allocator {
    /// Value of the environment variable that chooses this allocator.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Jemalloc => "jemalloc",
            Self::Mimalloc => "mimalloc",
        }
    }

    /// Returns the allocator that this process runs on.
    pub fn of_this_process() -> Self {
        match CHOSEN.load(Relaxed) {
            1 => Self::System,
            2 => Self::Jemalloc,
            3 => Self::Mimalloc,
            _ => Self::choose(),
        }
    }

    /// Reads the choice from the environment. Threads that race here read the same value.
    #[cold]
    fn choose() -> Self {
        // SAFETY: the name is a C string. The first allocation is made by Rust's start-up code,
        // before there is a thread that could change the environment, and the value is compared at
        // once.
        let value = unsafe {
            let value = libc::getenv(VARIABLE_FOR_C.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_bytes())
        };
        let all = [Self::Jemalloc, Self::Mimalloc];
        let wanted = all
            .into_iter()
            .find(|a| value == Some(a.name().as_bytes()))
            .unwrap_or(Self::System);
        CHOSEN.store(wanted as u8, Relaxed);
        wanted
    }
}

/// Passes calls on to the chosen allocator. A program makes it the global allocator.
pub struct ChosenAllocator;

/// Passes a call on to the chosen allocator.
macro_rules! pass_on {
    ($method:ident($($argument:expr),*)) => {
        match Allocator::of_this_process() {
            Allocator::System => System.$method($($argument),*),
            Allocator::Jemalloc => Jemalloc.$method($($argument),*),
            Allocator::Mimalloc => MiMalloc.$method($($argument),*),
        }
    };
}

// SAFETY: every call goes unchanged to one allocator, the same from the first call to the last.
unsafe impl GlobalAlloc for ChosenAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { pass_on!(alloc(layout)) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { pass_on!(alloc_zeroed(layout)) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { pass_on!(dealloc(start, layout)) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { pass_on!(realloc(start, layout, bytes)) }
    }
}

/// A counter with a cache line of its own (two, as processors fetch them in pairs).
#[repr(align(128))]
struct Counter(AtomicU64);

static CALLS: [Counter; 16] = [const { Counter(AtomicU64::new(0)) }; 16];

/// Counts one call. Threads have counters of their own, so that counting does not slow them down.
fn count() {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static INDEX: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    let index = INDEX.get();
    let index = if index == usize::MAX {
        let index = THREADS.fetch_add(1, Relaxed) % CALLS.len();
        INDEX.set(index);
        index
    } else {
        index
    };
    CALLS[index].0.fetch_add(1, Relaxed);
}

/// Returns how many calls requested memory (alloc, alloc_zeroed, realloc) since the process began.
pub fn calls() -> u64 {
    CALLS.iter().map(|counter| counter.0.load(Relaxed)).sum()
}
