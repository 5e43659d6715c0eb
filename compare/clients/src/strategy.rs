//! The memory strategies that are compared.

use std::fmt;

use clap::ValueEnum;

use crate::allocator::Allocator;

/// A source of the buffers of a client, with the allocator that its process runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// An arena of this repository.
    FrameArena,
    /// Vectors made for each use and dropped after it.
    Vec,
    /// The same under jemalloc.
    VecJemalloc,
    /// The same under mimalloc 3.
    VecMimalloc,
    /// The same under mimalloc 2, which needs a program of its own.
    #[value(name = "vec-mimalloc-2")]
    VecMimalloc2,
    /// The same under glibc, and in the server without a byte budget.
    VecUnchecked,
    /// Vectors that are kept for the next use.
    KeptVec,
    /// bumpalo.
    Bumpalo,
    /// bump-scope.
    BumpScope,
}

/// Code that a strategy runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An arena of this repository.
    Arena,
    /// Vectors made for each use.
    Fresh,
    /// Vectors that are kept.
    Kept,
    /// bumpalo.
    Bumpalo,
    /// bump-scope.
    BumpScope,
}

impl Strategy {
    /// The strategies in the tables of the JPEG decoder and of the video decoder.
    pub const DECODERS: [Self; 6] = [
        Self::FrameArena,
        Self::Vec,
        Self::VecMimalloc,
        Self::KeptVec,
        Self::Bumpalo,
        Self::BumpScope,
    ];

    /// The strategies in the table of the long run.
    pub const ALLOCATORS: [Self; 5] = [
        Self::FrameArena,
        Self::Vec,
        Self::VecJemalloc,
        Self::VecMimalloc2,
        Self::VecMimalloc,
    ];

    /// Returns the allocator that the strategy's process runs on.
    pub fn allocator(self) -> Allocator {
        match self {
            Self::VecJemalloc => Allocator::Jemalloc,
            Self::VecMimalloc | Self::VecMimalloc2 => Allocator::Mimalloc,
            _ => Allocator::System,
        }
    }

    /// Tells whether this program has the allocator of the strategy. Each version of mimalloc needs
    /// a program of its own.
    pub fn is_of_this_program(self) -> bool {
        match self {
            Self::VecMimalloc => !cfg!(feature = "mimalloc-2"),
            Self::VecMimalloc2 => cfg!(feature = "mimalloc-2"),
            _ => true,
        }
    }

    /// Returns the code that the strategy runs.
    pub fn kind(self) -> Kind {
        match self {
            Self::FrameArena => Kind::Arena,
            Self::KeptVec => Kind::Kept,
            Self::Bumpalo => Kind::Bumpalo,
            Self::BumpScope => Kind::BumpScope,
            _ => Kind::Fresh,
        }
    }

    /// Returns the name of the strategy on the command line.
    pub fn argument(self) -> String {
        let value = self
            .to_possible_value()
            .expect("no strategy is hidden from the command line");
        value.get_name().to_owned()
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FrameArena => "frame-arena",
            Self::Vec => "Vec, glibc",
            Self::VecJemalloc => "Vec, jemalloc",
            Self::VecMimalloc => "Vec, mimalloc 3",
            Self::VecMimalloc2 => "Vec, mimalloc 2",
            Self::VecUnchecked => "Vec, glibc, unchecked",
            Self::KeptVec => "kept Vec",
            Self::Bumpalo => "bumpalo",
            Self::BumpScope => "bump-scope",
        })
    }
}
