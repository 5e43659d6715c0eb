//! The pieces of a heap, by address.

use super::piece::{Links, Piece};

/// A search tree of pieces, linked through the pieces themselves.
///
/// It is a treap whose priorities are hashes of addresses, so it needs no stored priorities. An
/// operation takes about twice the binary logarithm of the number of pieces.
pub(super) struct PieceTree<P: Piece> {
    root: Option<Box<P>>,
}

impl<P: Piece> PieceTree<P> {
    pub(super) const fn new() -> Self {
        Self { root: None }
    }

    /// Whether there are two pieces or more.
    #[inline]
    pub(super) fn has_several(&self) -> bool {
        let links = self.root.as_deref().map(P::links);
        links.is_some_and(|links| links.below.is_some() || links.above.is_some())
    }

    pub(super) fn insert(&mut self, mut piece: Box<P>) {
        let address = address(&*piece);
        let mut link = &mut self.root;
        while (link.as_deref()).is_some_and(|other| priority(other) >= priority(&*piece)) {
            link = child(link, address);
        }
        let (below, above) = split(link.take(), address);
        *piece.links_mut() = Links { below, above };
        *link = Some(piece);
    }

    /// The piece whose memory has the byte at this address, if a piece starts at or before it.
    pub(super) fn get(&self, inside: usize) -> Option<&P> {
        let mut found = None;
        let mut next = self.root.as_deref();
        while let Some(piece) = next {
            next = match address(piece) <= inside {
                true => {
                    found = Some(piece);
                    piece.links().above.as_deref()
                }
                false => piece.links().below.as_deref(),
            };
        }
        found
    }

    /// Removes the piece that [`Self::get`] finds.
    pub(super) fn remove(&mut self, inside: usize) -> Option<Box<P>> {
        let start = address(self.get(inside)?);
        let mut link = &mut self.root;
        while link.as_deref().is_some_and(|piece| address(piece) != start) {
            link = child(link, start);
        }
        Self::unlink(link)
    }

    /// Removes the piece at the lowest address.
    pub(super) fn pop_first(&mut self) -> Option<Box<P>> {
        let mut link = &mut self.root;
        while (link.as_deref()).is_some_and(|piece| piece.links().below.is_some()) {
            link = child(link, 0);
        }
        Self::unlink(link)
    }

    fn unlink(link: &mut Option<Box<P>>) -> Option<Box<P>> {
        let mut piece = link.take()?;
        let links = std::mem::replace(piece.links_mut(), Links::NONE);
        *link = merge(links.below, links.above);
        Some(piece)
    }
}

fn address<P: Piece>(piece: &P) -> usize {
    piece.start().addr().get()
}

fn priority<P: Piece>(piece: &P) -> u64 {
    // The finalizer of SplitMix64.
    let mut hash = address(piece) as u64;
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// The link to the pieces on the side of `address`, below a link to a piece.
fn child<P: Piece>(link: &mut Option<Box<P>>, at: usize) -> &mut Option<Box<P>> {
    let piece = link.as_mut().expect("a piece to go on from");
    let is_above = address(&**piece) < at;
    let links = piece.links_mut();
    match is_above {
        true => &mut links.above,
        false => &mut links.below,
    }
}

type Tree<P> = Option<Box<P>>;

/// Splits a tree into the pieces below `at` and the others.
fn split<P: Piece>(tree: Tree<P>, at: usize) -> (Tree<P>, Tree<P>) {
    let Some(mut piece) = tree else {
        return (None, None);
    };
    if address(&*piece) < at {
        let (below, above) = split(piece.links_mut().above.take(), at);
        piece.links_mut().above = below;
        (Some(piece), above)
    } else {
        let (below, above) = split(piece.links_mut().below.take(), at);
        piece.links_mut().below = above;
        (below, Some(piece))
    }
}

/// Merges two trees, all pieces of the first below all of the second.
fn merge<P: Piece>(below: Tree<P>, above: Tree<P>) -> Tree<P> {
    match (below, above) {
        (Some(mut first), Some(mut second)) => {
            if priority(&*first) > priority(&*second) {
                let links = first.links_mut();
                links.above = merge(links.above.take(), Some(second));
                Some(first)
            } else {
                let links = second.links_mut();
                links.below = merge(Some(first), links.below.take());
                Some(second)
            }
        }
        (tree, None) | (None, tree) => tree,
    }
}
