//! Numbers in the format of profiles.

/// ICC.1:2022, 4.6: s15Fixed16Number. `None` if out of range.
pub(super) fn fixed(value: f64) -> Option<u32> {
    let units = (value * 65_536.0).round();
    let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
    range.contains(&units).then_some(units as i32 as u32)
}

pub(super) fn put_u32(data: &mut Vec<u8>, value: u32) {
    data.extend_from_slice(&value.to_be_bytes());
}
