//! The command djxl of libjxl: CPU time and faults of its process, and its samples.
//!
//! CPU time and faults are the difference of two processes, one of which decodes the file more
//! often, so that start-up, reading and writing do not count. They include the buffer for the
//! pixels, which djxl allocates anew for each decode.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::figures::Figures;
use crate::image::{Layout, SampleFormat};
use crate::part::Part;
use crate::process;

/// A measurement of djxl on one file.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The file.
    pub file: &'a Path,
    /// What is decoded.
    pub part: Part,
    /// The shape of its output.
    pub layout: &'a Layout,
    /// Threads that may decode.
    pub threads: usize,
    /// Decodes of the shorter process, whose costs are subtracted; at least 1.
    pub warm_up: usize,
    /// Decodes that the longer process makes in addition.
    pub repeat: usize,
}

/// Result of a measurement.
pub enum Outcome {
    /// Figures, and samples in the layout.
    Measured(Figures, Vec<u8>),
    /// The reason why djxl was not measured.
    Refused(&'static str),
}

/// Runs djxl, with few decodes and with more. Both write the last picture to a file, which tells
/// djxl to decode to integers: without a file, it decodes to floats.
pub fn measure(task: &Task<'_>) -> Result<Outcome> {
    if run(Command::new("djxl").arg("--version")).is_err() {
        return Ok(Outcome::Refused("djxl is not installed"));
    }
    if !matches!(task.layout.channels, 1 | 3) || task.layout.frames != 1 {
        return Ok(Outcome::Refused("not compared: alpha or several frames"));
    }
    if matches!(task.layout.format, SampleFormat::F32) {
        return Ok(Outcome::Refused("not compared: floats"));
    }
    let extension = if task.layout.channels == 1 {
        "pgm"
    } else {
        "ppm"
    };
    let folder = tempfile::tempdir()?;
    let prefix = folder.path().join("prefix.jxl");
    let file = match task.part {
        Part::Whole => &task.file.canonicalize()?,
        Part::Prefix { bytes } => {
            std::fs::write(&prefix, &std::fs::read(task.file)?[..bytes])?;
            &prefix
        }
        Part::Eighth | Part::Region(_) => return Ok(Outcome::Refused("no interface")),
    };
    let out = folder.path().join("out").with_extension(extension);
    let decode = |times: usize| -> Result<(Duration, u64)> {
        let (cpu, faults) = process::children()?;
        let mut command = Command::new("djxl");
        command.arg(file).arg(&out).arg("--allow_partial_files");
        command.arg(format!("--num_threads={}", task.threads));
        run(command.arg(format!("--num_reps={times}")))?;
        let (cpu_after, faults_after) = process::children()?;
        Ok((cpu_after - cpu, faults_after - faults))
    };
    let few = decode(task.warm_up)?;
    let many = decode(task.warm_up + task.repeat)?;
    let figures = Figures {
        cpu: vec![many.0.saturating_sub(few.0) / u32::try_from(task.repeat)?; task.repeat],
        faults: many.1.saturating_sub(few.1),
        of_command: true,
        ..Figures::default()
    };
    let samples = netpbm_samples(&std::fs::read(&out)?, task.layout)?;
    Ok(Outcome::Measured(figures, samples))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "djxl: {}", errors.trim());
    Ok(())
}

/// The samples of a PGM or PPM file, in the machine's byte order.
fn netpbm_samples(file: &[u8], layout: &Layout) -> Result<Vec<u8>> {
    let mut rest = file;
    let mut word = || -> Result<&str> {
        let end = rest.iter().position(u8::is_ascii_whitespace);
        let (word, after) = rest.split_at(end.context("the header ends early")?);
        rest = &after[1..];
        Ok(str::from_utf8(word)?)
    };
    let magic = word()?;
    ensure!(
        matches!(magic, "P5" | "P6"),
        "{magic:?} is no PGM or PPM file"
    );
    let (width, height): (usize, usize) = (word()?.parse()?, word()?.parse()?);
    let full_scale: f64 = word()?.parse()?;
    ensure!(
        (width, height) == (layout.width, layout.height),
        "djxl wrote {width}x{height} pixels, not those of the layout"
    );
    if full_scale != layout.format.full_scale() || rest.len() != layout.output_bytes() {
        bail!(
            "djxl wrote {} bytes of full scale {full_scale}, not those of the layout",
            rest.len()
        );
    }
    let mut samples = rest.to_vec();
    if layout.format.sample_bytes() == 2 {
        for sample in samples.chunks_exact_mut(2) {
            let value = u16::from_be_bytes([sample[0], sample[1]]);
            sample.copy_from_slice(&value.to_ne_bytes());
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_file_are_read_and_others_refused() {
        let layout = Layout {
            width: 2,
            height: 1,
            channels: 1,
            frames: 1,
            format: SampleFormat::U16 { bits: 16 },
        };
        let file = b"P5\n2 1\n65535\n\x01\x02\x03\x04";
        let expected = [0x0102u16.to_ne_bytes(), 0x0304u16.to_ne_bytes()].concat();
        assert_eq!(netpbm_samples(file, &layout).unwrap(), expected);
        for end in 0..file.len() {
            assert!(netpbm_samples(&file[..end], &layout).is_err());
        }
        assert!(netpbm_samples(b"P5\n2 1\n255\n\x01\x02", &layout).is_err());
    }
}
