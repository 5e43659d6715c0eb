/// The place from which the sample at `position` of an axis is read: outside of `0..size` the
/// picture is mirrored, with edge samples repeated (ISO/IEC 18181-1, 6.5). `size` is not zero.
#[inline]
pub(super) fn mirror(mut position: isize, size: usize) -> usize {
    let size = size as isize;
    loop {
        if position < 0 {
            position = -position - 1;
        } else if position >= size {
            position = 2 * size - 1 - position;
        } else {
            return position as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_repeat_mirrored() {
        let around = |size| (-4..6).map(move |i| mirror(i, size)).collect::<Vec<_>>();
        assert_eq!(around(3), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0]);
        assert_eq!(around(2), [0, 1, 1, 0, 0, 1, 1, 0, 0, 1]);
        assert_eq!(around(1), [0; 10]);
    }
}
