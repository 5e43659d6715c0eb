//! The coded stream: the order of its pictures, and the references of each.

use super::Shape;

/// Pictures of a segment, which begins with a picture that needs no other.
pub const SEGMENT_PICTURES: u64 = 1 + 8 * GROUPS;

/// Groups of 8 pictures in a segment.
const GROUPS: u64 = 10;

/// Pictures of a group in decoding order: each with its place in display order, and those of its
/// references. Place 0 is the last picture of the group before.
const GROUP: [(u64, [u64; 2]); 8] = [
    (8, [0, 0]),
    (4, [0, 8]),
    (2, [0, 4]),
    (1, [0, 2]),
    (3, [2, 4]),
    (6, [4, 8]),
    (5, [4, 6]),
    (7, [6, 8]),
];

/// Border of a luma plane in samples. Motion vectors are shorter.
const BORDER: usize = 32;

/// A picture of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coded {
    /// Place in display order.
    pub number: u64,
    /// Numbers of the two pictures that it is predicted from.
    pub references: Option<[u64; 2]>,
    /// Pixels per row, and rows.
    pub dimensions: (usize, usize),
}

impl Coded {
    /// Tells whether the picture needs no other.
    pub fn is_intra(&self) -> bool {
        self.references.is_none()
    }

    /// Returns the shape of plane `index`.
    pub fn shape(&self, index: usize) -> Shape {
        let luma = Shape {
            width: self.dimensions.0,
            height: self.dimensions.1,
            border: BORDER,
        };
        luma.of_plane(index)
    }
}

/// Returns the pictures of `segments` segments in decoding order. Segments alternate between the
/// two resolutions.
pub(super) fn stream(
    resolutions: [(usize, usize); 2],
    segments: u64,
) -> impl Iterator<Item = Coded> {
    (0..segments).flat_map(move |segment| {
        let first = segment * SEGMENT_PICTURES;
        let dimensions = resolutions[(segment % 2) as usize];
        let intra = Coded {
            number: first,
            references: None,
            dimensions,
        };
        let groups = (0..GROUPS).flat_map(move |group| {
            let start = first + 8 * group;
            GROUP.into_iter().map(move |(place, references)| Coded {
                number: start + place,
                references: Some(references.map(|place| start + place)),
                dimensions,
            })
        });
        std::iter::once(intra).chain(groups)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn references_are_decoded_before_and_every_number_comes_once() {
        let mut decoded = HashSet::new();
        for coded in stream([(64, 48), (32, 24)], 3) {
            let references = coded.references.unwrap_or([coded.number; 2]);
            assert!(coded.is_intra() || references.iter().all(|number| decoded.contains(number)));
            assert!(decoded.insert(coded.number));
        }
        assert_eq!(decoded.len() as u64, 3 * SEGMENT_PICTURES);
        assert!((0..3 * SEGMENT_PICTURES).all(|number| decoded.contains(&number)));
    }
}
