use std::io::{self, BufWriter, Write};
use std::path::Path;

use jxl_arena::{Animation, Error, ImageInfo, Picture, PixelFormat};

use super::args::DecodeArguments;
use super::decoded::Decoded;
use super::failure::Failure;
use super::numbered_files::NumberedFiles;
use super::output_file::{OutputFile, Sink};
use super::png_file::AnimatedPng;
use super::target::Target;

/// The choice of the pictures to write.
#[derive(Clone, Copy)]
pub(super) struct Pictures {
    target: Target,
    kind: Kind,
    /// Pictures in the file.
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    First,
    Numbered,
    Animated(Animation),
}

impl Pictures {
    /// # Errors
    /// Corrupt or truncated headers of pictures that are to be written.
    pub(super) fn of(
        picture: &Picture<'_>,
        target: Target,
        arguments: &DecodeArguments,
    ) -> Result<Self, Error> {
        let kind = match picture.info().animation {
            None => Kind::First,
            Some(_) if arguments.frames => Kind::Numbered,
            Some(animation) if target == Target::Png => Kind::Animated(animation),
            Some(_) => Kind::First,
        };
        let mut count = 1;
        for info in picture.frame_infos().skip(1) {
            match info {
                Ok(_) => count += 1,
                Err(_) if matches!(kind, Kind::First) => break,
                Err(error) => return Err(error),
            }
        }
        let is_alone = count == 1 && matches!(kind, Kind::Animated(_));
        Ok(Self {
            target,
            kind: if is_alone { Kind::First } else { kind },
            count,
        })
    }

    pub(super) fn is_first_only(self) -> bool {
        matches!(self.kind, Kind::First)
    }

    /// Opens the files to write.
    pub(super) fn open<'a>(
        self,
        info: &'a ImageInfo,
        format: PixelFormat,
        arguments: &DecodeArguments,
    ) -> Result<Files<'a>, Failure> {
        let path = arguments.out.as_path();
        let open = || -> io::Result<Kept> {
            Ok(match self.kind {
                Kind::First => Kept::One(OutputFile::create(path)?),
                Kind::Numbered => Kept::Numbered(NumberedFiles::create(path, self.count)?),
                Kind::Animated(animation) => {
                    let mut file = OutputFile::create(path)?;
                    let writer = file.take_writer()?;
                    let count = u32::try_from(self.count).map_err(io::Error::other)?;
                    let png = AnimatedPng::start(writer, info, format, animation, count)?;
                    Kept::Animated(file, Box::new(png))
                }
            })
        };
        Ok(Files {
            target: self.target,
            info,
            format,
            kept: open().map_err(Failure::at(path))?,
        })
    }

    /// Prints the number of pictures that were not written to standard error.
    pub(super) fn say_what_is_left_out(self, file: &Path) {
        if self.is_first_only() && self.count > 1 {
            let (file, count) = (file.display(), self.count);
            // If standard error is closed, nobody reads this.
            let _ = writeln!(
                io::stderr(),
                "jxl-arena: {file}: the first of {count} pictures was written; --frames writes all"
            );
        }
    }
}

/// Files that are being written. None appears at its target before all are complete.
pub(super) struct Files<'a> {
    target: Target,
    info: &'a ImageInfo,
    format: PixelFormat,
    kept: Kept,
}

enum Kept {
    One(OutputFile),
    Numbered(NumberedFiles),
    Animated(OutputFile, Box<AnimatedPng<BufWriter<Sink>>>),
}

impl Files<'_> {
    /// Writes the next picture, whose pixels may be changed for it.
    pub(super) fn put(&mut self, decoded: &Decoded, pixels: &mut [u8]) -> io::Result<()> {
        let (target, written) = (self.target, (self.info, self.format));
        target.prepare(self.format, pixels);
        match &mut self.kept {
            Kept::One(file) => file.write(|writer| target.write(writer, written, pixels)),
            Kept::Numbered(files) => {
                let index = decoded.info.as_ref().map_or(0, |info| info.index);
                files.put(index, |writer| target.write(writer, written, pixels))
            }
            Kept::Animated(_, png) => match &decoded.info {
                Some(info) => png.put(info, pixels),
                None => Ok(()),
            },
        }
    }

    /// Puts the files in their places.
    pub(super) fn finish(self) -> io::Result<()> {
        match self.kept {
            Kept::One(file) => file.commit(),
            Kept::Numbered(files) => files.commit(),
            Kept::Animated(file, png) => {
                png.finish()?;
                file.commit()
            }
        }
    }
}
