//! A decoder that is pushed bytes in pieces of any size and keeps its frame open between calls.
//!
//! The format is a toy: width and height (two bytes each, little endian), then for every sample the
//! difference to the one before it, modulo 256. A row is decoded when its last byte has arrived.
//! The example shows that [`PushDecoder`] keeps a frame, its planes and an open stage in one struct
//! without self-reference.
//!
//! `cargo run --release --example push_decoder`

use frame_arena::{AllocError, Arena, OwnedFrame, OwnedPlane, OwnedSlice, OwnedStage, PlaneAlloc};

const HEADER_BYTES: usize = 4;

/// Decodes picture after picture from bytes as they arrive.
struct PushDecoder {
    arena: Arena,
    header: [u8; HEADER_BYTES],
    header_len: usize,
    picture: Option<Picture>,
}

/// A picture in the middle of its decode.
struct Picture {
    /// Differences of the row that is arriving, in memory of a stage that ends with the last row.
    residuals: OwnedSlice<u8>,
    received: usize,
    coding: OwnedStage,
    samples: OwnedPlane<u8>,
    rows: usize,
    before: u8,
    _frame: OwnedFrame,
}

/// The result of a push.
enum Progress {
    NeedsMore,
    /// All rows are decoded.
    Done(OwnedPlane<u8>),
}

impl PushDecoder {
    fn new(arena: &Arena) -> Self {
        Self {
            arena: arena.clone(),
            header: [0; HEADER_BYTES],
            header_len: 0,
            picture: None,
        }
    }

    /// Takes as many bytes from the front of `bytes` as the picture needs.
    fn push(&mut self, bytes: &mut &[u8]) -> Result<Progress, AllocError> {
        while let Some((&byte, rest)) = bytes.split_first() {
            let Some(picture) = &mut self.picture else {
                *bytes = rest;
                self.header[self.header_len] = byte;
                self.header_len += 1;
                if self.header_len == HEADER_BYTES {
                    self.picture = Some(Picture::new(&self.arena, self.header)?);
                }
                continue;
            };
            picture.receive(bytes)?;
            if picture.is_complete() {
                self.header_len = 0;
                let picture = self.picture.take().expect("a picture");
                return Ok(Progress::Done(picture.samples));
            }
        }
        Ok(Progress::NeedsMore)
    }
}

impl Picture {
    fn new(arena: &Arena, header: [u8; HEADER_BYTES]) -> Result<Self, AllocError> {
        let width = u16::from_le_bytes([header[0], header[1]]).max(1).into();
        let height = u16::from_le_bytes([header[2], header[3]]).max(1).into();
        let frame = arena.owned_frame()?;
        let coding = frame.owned_stage("coding")?;
        Ok(Self {
            residuals: coding.owned_slice(width)?,
            received: 0,
            coding,
            samples: frame.owned_stale_plane(width, height)?,
            rows: 0,
            before: 0,
            _frame: frame,
        })
    }

    /// Takes bytes from the front of `bytes`, and decodes each row that they complete.
    fn receive(&mut self, bytes: &mut &[u8]) -> Result<(), AllocError> {
        while !bytes.is_empty() && !self.is_complete() {
            let missing = &mut self.residuals[self.received..];
            let (now, later) = bytes.split_at(missing.len().min(bytes.len()));
            missing[..now.len()].copy_from_slice(now);
            *bytes = later;
            self.received += now.len();
            if self.received == self.residuals.len() {
                self.decode_row()?;
            }
        }
        Ok(())
    }

    /// Undoes the prediction of the row that has arrived.
    fn decode_row(&mut self) -> Result<(), AllocError> {
        // Scratch is borrowed, as in any frame.
        let scratch = self.coding.scratch();
        let sums = scratch.copied_slice(&self.residuals)?;
        for sum in &mut *sums {
            *sum = sum.wrapping_add(self.before);
            self.before = *sum;
        }
        self.samples[self.rows].copy_from_slice(sums);
        self.received = 0;
        self.rows += 1;
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.rows == self.samples.height()
    }
}

fn sample(picture: usize, x: usize, y: usize) -> u8 {
    (x * 3 + y * 5 + picture * 7 + x * y) as u8
}

fn encode(picture: usize, width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend((width as u16).to_le_bytes());
    bytes.extend((height as u16).to_le_bytes());
    let mut before = 0u8;
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        bytes.push(sample(picture, x, y).wrapping_sub(before));
        before = sample(picture, x, y);
    }
    bytes
}

fn main() -> Result<(), AllocError> {
    let arena = Arena::builder().limit_bytes(4 << 20).build();
    let sizes = [(640, 480), (640, 480), (320, 200), (640, 480)];
    let pictures = sizes.iter().enumerate();
    let stream: Vec<u8> = pictures
        .flat_map(|(index, &(w, h))| encode(index, w, h))
        .collect();

    let mut decoder = PushDecoder::new(&arena);
    let (mut decoded, mut made) = (0, Vec::new());
    // Pieces of changing size, as a network delivers them.
    let mut rest = &stream[..];
    let mut piece_bytes = 1;
    while !rest.is_empty() {
        let (mut piece, later) = rest.split_at(piece_bytes.min(rest.len()));
        rest = later;
        piece_bytes = piece_bytes * 7 % 9973 + 1;
        while !piece.is_empty() {
            let Progress::Done(samples) = decoder.push(&mut piece)? else {
                break;
            };
            for (y, row) in samples.rows().enumerate() {
                for (x, &value) in row.iter().enumerate() {
                    assert_eq!(value, sample(decoded, x, y), "picture {decoded}");
                }
            }
            decoded += 1;
            made.push(arena.snapshot().runs_made);
        }
    }
    assert_eq!(decoded, sizes.len());
    assert_eq!(
        made[1], made[0],
        "the second picture has the memory of the first"
    );
    assert_eq!(arena.snapshot().in_use_bytes, 0);
    println!(
        "{decoded} pictures from {} bytes; {:?}",
        stream.len(),
        arena
    );
    Ok(())
}
