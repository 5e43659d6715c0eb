//! Blending of samples of one frame with those of another (ISO/IEC 18181-1, F.2 and K.3).

#[cfg(test)]
mod tests;

use bytemuck::{Pod, Zeroable};
use frame_arena::{Plane, PlaneSpec, PlaneViewMut};

/// How new samples are combined with existing ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Keeps the existing samples.
    Keep,
    /// Takes the new samples.
    Replace,
    Add,
    Mul,
    /// The upper samples cover the lower ones by their alpha.
    Blend,
    /// The upper samples, multiplied by their alpha, are added to the lower ones.
    MulAdd,
}

/// The blending of one channel, or of the colors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) mode: Mode,
    /// Whether the new samples are the lower ones.
    pub(crate) is_below: bool,
    /// Whether alpha of the upper samples, and the factor of a multiplication, are clamped to 0.0
    /// to 1.0.
    pub(crate) clamps: bool,
    /// The extra channel that holds alpha.
    pub(crate) alpha: u16,
}

/// A [`Rule`] as plain data: the number of its mode, whether new samples are below, whether alpha
/// is clamped, and alpha's channel.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct StoredRule {
    mode: u8,
    flags: u8,
    alpha: u16,
}

impl From<Rule> for StoredRule {
    fn from(rule: Rule) -> Self {
        Self {
            mode: rule.mode as u8,
            flags: u8::from(rule.is_below) | u8::from(rule.clamps) << 1,
            alpha: rule.alpha,
        }
    }
}

impl From<StoredRule> for Rule {
    fn from(stored: StoredRule) -> Self {
        const MODES: [Mode; 6] = [
            Mode::Keep,
            Mode::Replace,
            Mode::Add,
            Mode::Mul,
            Mode::Blend,
            Mode::MulAdd,
        ];
        Self {
            mode: MODES[usize::from(stored.mode)],
            is_below: stored.flags & 1 == 1,
            clamps: stored.flags >> 1 == 1,
            alpha: stored.alpha,
        }
    }
}

/// The kind of an extra channel for blending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtraKind {
    /// Alpha without premultiplied colors.
    Alpha,
    /// Alpha with premultiplied colors.
    PremultipliedAlpha,
    Other,
}

/// The samples of all channels in one row of a rectangle.
pub(crate) struct BlendRow<'r> {
    pub(crate) color: [&'r mut [f32]; 3],
    /// A row for each extra channel, which from column `first` on is as long as those of the
    /// colors.
    pub(crate) extra: PlaneViewMut<'r, f32>,
    pub(crate) first: usize,
}

/// Blends rows of frames with given extra channels.
pub(crate) struct Blender<'s, 'p> {
    kinds: &'p [ExtraKind],
    has_alpha: bool,
    /// The extra channels before the blending of a row.
    old: Plane<'s, f32>,
}

impl<'s, 'p> Blender<'s, 'p> {
    /// A row of up to `width` samples of each extra channel.
    pub(crate) fn spec(extra_channels: usize, width: usize) -> PlaneSpec<f32> {
        // Stale: written before each use.
        PlaneSpec::stale(width, extra_channels)
    }

    /// `old` is as [specified](Self::spec).
    pub(crate) fn new(kinds: &'p [ExtraKind], old: Plane<'s, f32>) -> Self {
        Self {
            kinds,
            has_alpha: kinds.iter().any(|&kind| kind != ExtraKind::Other),
            old,
        }
    }

    /// Blends `new`, which gives the samples of a channel (colors from 0, extra channels from 3),
    /// into the row. `rules` are that of the colors, then one of each extra channel.
    ///
    /// # Panics
    /// Rules that use a missing alpha channel while there are extra channels; channels of different
    /// lengths.
    pub(crate) fn blend<'n>(
        &mut self,
        row: &mut BlendRow<'_>,
        rules: &[impl Copy + Into<Rule>],
        new: impl Fn(usize) -> &'n [f32],
    ) {
        let width = row.color[0].len();
        let columns = row.first..row.first + width;
        for (index, old) in self.old.view_mut().rows_mut().enumerate() {
            old[..width].copy_from_slice(&row.extra.row(index)[columns.clone()]);
        }
        let old = |index: usize| &self.old.row(index)[..width];
        for (index, &rule) in rules[1..].iter().enumerate() {
            let rule = rule.into();
            let alpha = usize::from(rule.alpha);
            let out = &mut row.extra.row_mut(index)[columns.clone()];
            match rule.mode {
                Mode::Blend if index == alpha => cover_alpha(out, new(3 + index), rule),
                Mode::Blend => {
                    let alphas = (old(alpha), new(3 + alpha));
                    let is_premultiplied = self.kinds[alpha] == ExtraKind::PremultipliedAlpha;
                    cover(out, new(3 + index), alphas, is_premultiplied, rule);
                }
                // The lower alpha stays as it is.
                Mode::MulAdd if index == alpha && rule.is_below => {
                    out.copy_from_slice(new(3 + index));
                }
                Mode::MulAdd if index == alpha => {}
                Mode::MulAdd => {
                    add_weighted(out, new(3 + index), (old(alpha), new(3 + alpha)), rule)
                }
                _ => plain(out, new(3 + index), rule),
            }
        }
        let rule = rules[0].into();
        let alpha = usize::from(rule.alpha);
        for (channel, out) in row.color.iter_mut().enumerate() {
            match rule.mode {
                Mode::Blend if self.has_alpha => {
                    let alphas = (old(alpha), new(3 + alpha));
                    let is_premultiplied = self.kinds[alpha] == ExtraKind::PremultipliedAlpha;
                    cover(out, new(channel), alphas, is_premultiplied, rule);
                }
                Mode::MulAdd if self.has_alpha => {
                    add_weighted(out, new(channel), (old(alpha), new(3 + alpha)), rule);
                }
                _ => plain(out, new(channel), rule),
            }
        }
        if rule.mode == Mode::Blend && self.has_alpha {
            let out = &mut row.extra.row_mut(alpha)[columns];
            out.copy_from_slice(old(alpha));
            cover_alpha(out, new(3 + alpha), rule);
        }
    }
}

fn clamped(value: f32, rule: Rule) -> f32 {
    if rule.clamps {
        value.clamp(0.0, 1.0)
    } else {
        value
    }
}

/// The alpha of a sample with alpha `top` over one with alpha `bottom`.
fn covered(top: f32, bottom: f32) -> f32 {
    1.0 - (1.0 - top) * (1.0 - bottom)
}

fn in_place(old: &mut [f32], new: &[f32], combine: impl Fn(f32, f32) -> f32) {
    for (old, &new) in old.iter_mut().zip(new) {
        *old = combine(*old, new);
    }
}

/// Applies modes without alpha, and the other modes if there is no alpha.
fn plain(out: &mut [f32], new: &[f32], rule: Rule) {
    match rule.mode {
        Mode::Keep => {}
        Mode::Blend if rule.is_below => {}
        Mode::Replace | Mode::Blend => out.copy_from_slice(new),
        Mode::Add | Mode::MulAdd => in_place(out, new, |old, new| old + new),
        Mode::Mul if rule.is_below => in_place(out, new, |old, new| new * clamped(old, rule)),
        Mode::Mul => in_place(out, new, |old, new| old * clamped(new, rule)),
    }
}

fn cover_alpha(out: &mut [f32], new: &[f32], rule: Rule) {
    if rule.is_below {
        in_place(out, new, |old, new| covered(clamped(old, rule), new));
    } else {
        in_place(out, new, |old, new| covered(clamped(new, rule), old));
    }
}

/// `alphas` are those of `out` and of `new`.
fn cover(
    out: &mut [f32],
    new: &[f32],
    alphas: (&[f32], &[f32]),
    is_premultiplied: bool,
    rule: Rule,
) {
    let mix = |top: f32, top_alpha: f32, bottom: f32, bottom_alpha: f32| {
        let top_alpha = clamped(top_alpha, rule);
        if is_premultiplied {
            return top + bottom * (1.0 - top_alpha);
        }
        let alpha = covered(top_alpha, bottom_alpha);
        let sum = top * top_alpha + bottom * bottom_alpha * (1.0 - top_alpha);
        if alpha > 0.0 { sum / alpha } else { 0.0 }
    };
    let samples = out.iter_mut().zip(new).zip(alphas.0.iter().zip(alphas.1));
    for ((out, &new), (&old_alpha, &new_alpha)) in samples {
        *out = if rule.is_below {
            mix(*out, old_alpha, new, new_alpha)
        } else {
            mix(new, new_alpha, *out, old_alpha)
        };
    }
}

fn add_weighted(out: &mut [f32], new: &[f32], alphas: (&[f32], &[f32]), rule: Rule) {
    let samples = out.iter_mut().zip(new).zip(alphas.0.iter().zip(alphas.1));
    for ((out, &new), (&old_alpha, &new_alpha)) in samples {
        *out = if rule.is_below {
            new + *out * clamped(old_alpha, rule)
        } else {
            *out + new * clamped(new_alpha, rule)
        };
    }
}
