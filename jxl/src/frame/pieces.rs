use crate::grid::Size;

/// Equal pieces that a rectangle is cut into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pieces {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Number of pieces.
    pub(super) count: usize,
}

impl Pieces {
    /// The kinds of pieces when `size` is cut into `piece`, from the largest to the
    /// smallest. The last pieces of a row or column may be shorter.
    pub(super) fn cut(size: Size, piece: Size) -> Vec<Self> {
        let mut kinds = Vec::new();
        for (width, columns) in lengths(size.width, piece.width) {
            for (height, rows) in lengths(size.height, piece.height) {
                kinds.push(Self {
                    width,
                    height,
                    count: columns * rows,
                });
            }
        }
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.width * kind.height));
        kinds
    }
}

/// Lengths of the pieces when `length` is cut by `step`, and the number of each.
fn lengths(length: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
    let kinds = [(step, length / step), (length % step, 1)];
    let are_there = |&(length, count): &(usize, usize)| length > 0 && count > 0;
    kinds.into_iter().filter(are_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_rectangle() {
        for size in [(1, 1), (256, 256), (257, 512), (700, 255), (768, 1)] {
            let kinds = Pieces::cut(Size::new(size.0, size.1), Size::square(256));
            let area: usize = kinds
                .iter()
                .map(|kind| kind.width * kind.height * kind.count)
                .sum();
            assert_eq!(area, size.0 * size.1);
            let areas = kinds.iter().map(|kind| kind.width * kind.height);
            assert!(areas.clone().max() == areas.clone().next());
        }
    }
}
