//! The decode in memory of frame-arena.

use anyhow::Result;
use frame_arena::{Arena, Plane, PlaneAlloc};

use super::{Image, Memory, color, entropy, for_components, idct};

impl Memory for Arena {
    fn decode(&mut self, image: &Image<'_>, rgb: &mut [u8]) -> Result<()> {
        let frame = self.frame();
        let mut samples = for_components(image, |component| {
            let (columns, rows) = component.samples();
            Ok(frame.stale_plane::<u8>(columns, rows)?)
        })?;
        {
            let stage = frame.stage("coefficients");
            let mut coefficients = for_components(image, |component| {
                let (columns, rows) = component.coefficients();
                Ok(stage.plane::<i16>(columns, rows)?)
            })?;
            entropy::decode(image, &mut coefficients.each_mut().map(Plane::view_mut))?;
            for (coefficients, samples) in coefficients.iter().zip(&mut samples) {
                idct::transform(coefficients.view(), samples.view_mut());
            }
        }
        let samples = samples.each_ref().map(Plane::view);
        color::convert(image, &samples, rgb, |width, work| {
            let scratch = frame.scratch();
            work(scratch.stale_slice(width)?, scratch.stale_slice(width)?);
            Ok(())
        })
    }
}
