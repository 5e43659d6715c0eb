//! One warm frame of every other kind of memory: owned scopes, collections, pictures and shares.

use frame_arena::{
    AllocError, Arena, OwnedPlane, OwnedStage, PictureLayout, PictureView, PlaneAlloc, RawLayout,
    SharedPicture, SharedPlane,
};

/// The state of a client from frame to frame.
pub(crate) struct Client {
    arena: Arena,
    /// Two tenants of it.
    shares: [Arena; 2],
    decoded: [Option<SharedPicture<u8>>; 3],
    shown: Option<SharedPicture<u8>>,
    last: Option<SharedPlane<u16>>,
}

const LAYOUT: PictureLayout = PictureLayout::yuv420(320, 180)
    .border(32)
    .tail_padding_bytes(64);

impl Client {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        let arena = Arena::builder().limit_bytes(limit_bytes).build();
        let shares = [
            arena.share(64 << 20).expect("memory"),
            arena.allot(16 << 20).expect("room for a tenant"),
        ];
        Self {
            arena,
            shares,
            decoded: Default::default(),
            shown: None,
            last: None,
        }
    }

    /// Blocks and runs taken from the system so far.
    pub(crate) fn made(&self) -> u64 {
        let snapshot = self.arena.snapshot();
        snapshot.blocks_made + snapshot.runs_made
    }

    /// Does the work of a frame for each tenant and for the arena itself. Returns a checksum.
    pub(crate) fn frame(&mut self, index: usize) -> Result<u64, AllocError> {
        let mut sum = 0;
        for arena in [&self.arena, &self.shares[0], &self.shares[1]] {
            sum += owned(arena)?;
            sum += lists(arena);
            sum += raw(arena)?;
        }
        let picture = self.picture(index)?;
        sum += bytes(picture.view());
        // A picture is shown one frame after it was decoded, and referred to for three frames.
        let before = self.decoded[(index + 2) % 3].clone();
        self.shown = before.or_else(|| Some(picture.clone()));
        self.decoded[index % 3] = Some(picture);
        let mut plane = self.shares[1].stale_detached_plane::<u16>(200, 100)?;
        plane.fill(7);
        self.last = Some(plane.into_shared());
        let last = self.last.as_ref().map(|last| last.view().get(199, 99));
        Ok(sum + u64::from(last.unwrap_or(0)))
    }

    fn picture(&self, index: usize) -> Result<SharedPicture<u8>, AllocError> {
        let arena = &self.shares[index % 2];
        let frame = arena.frame();
        let mut filtered = frame.stale_picture::<u8>(&LAYOUT)?;
        for (index, mut plane) in filtered.planes_mut().enumerate() {
            plane.fill(index as u8 + 1);
        }
        filtered.extend_borders();
        let mut picture = arena.detached_picture::<u8>(&LAYOUT)?;
        picture.view_mut().copy_from(filtered.view());
        picture.extend_borders();
        Ok(picture.into_shared())
    }
}

fn bytes(picture: PictureView<'_, u8>) -> u64 {
    let samples = (0..picture.count()).flat_map(|index| picture.plane_with_border(index).rows());
    samples.flatten().map(|&sample| u64::from(sample)).sum()
}

/// A push decoder: scopes and planes that outlive the call that made them.
fn owned(arena: &Arena) -> Result<u64, AllocError> {
    fn open(arena: &Arena) -> Result<(OwnedStage, OwnedPlane<u16>), AllocError> {
        let frame = arena.owned_frame()?;
        let stage = frame.owned_stage("coefficients")?;
        let mut plane = frame.owned_plane::<u16>(300, 200)?;
        plane.view_mut().fill(3);
        Ok((stage, plane))
    }
    let (stage, plane) = open(arena)?;
    let mut planes = stage.owned_stale_planes::<i16>(3, 100, 80)?;
    for mut plane in planes.planes_mut() {
        plane.fill(2);
    }
    let small = stage.owned_slice::<u32>(50)?;
    drop(stage);
    let sum: u64 = plane
        .rows()
        .flatten()
        .map(|&sample| u64::from(sample))
        .sum();
    let detached = plane.detach()?;
    let other = planes.plane(2).rows().flatten().count() as u64;
    Ok(sum + other + small.len() as u64 + u64::from(detached.get(0, 0)))
}

fn raw(arena: &Arena) -> Result<u64, AllocError> {
    let mut buffer = arena.raw_buffer(RawLayout::new(50_000).padding_bytes(64))?;
    buffer.as_mut_slice().fill(1);
    let sum: u64 = buffer.as_slice().iter().map(|&byte| u64::from(byte)).sum();
    let other = arena.stale_raw_buffer(RawLayout::new(9000).align_bytes(4096))?;
    Ok(sum + other.len() as u64)
}

#[cfg(not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")))]
fn lists(_: &Arena) -> u64 {
    0
}

#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
fn lists(arena: &Arena) -> u64 {
    #[cfg(feature = "allocator-api2-02")]
    use allocator_api2_02 as api;
    #[cfg(not(feature = "allocator-api2-02"))]
    use allocator_api2_04 as api;

    use api::alloc::Allocator;
    use api::vec::Vec;

    fn fill<A: Allocator + Copy>(memory: A, len: u64) -> u64 {
        let mut pairs: Vec<(u8, u64), A> = Vec::new_in(memory);
        let mut bytes: Vec<u8, A> = Vec::new_in(memory);
        let mut nested: Vec<Vec<u32, A>, A> = Vec::new_in(memory);
        for index in 0..len {
            pairs.push((index as u8, index));
            bytes.push(index as u8);
            if index % 50 == 0 {
                let mut list = Vec::new_in(memory);
                list.extend(0..index as u32 % 300);
                nested.push(list);
            }
        }
        pairs.truncate(len as usize / 2);
        pairs.shrink_to_fit();
        nested.retain(|list| list.len() % 100 != 0);
        let sum: u64 = pairs
            .iter()
            .map(|&(byte, value)| u64::from(byte) + value)
            .sum();
        sum + bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>() + nested.len() as u64
    }

    let frame = arena.frame();
    let in_frame = fill(&*frame, 9000);
    let stage = frame.stage("lists");
    let in_stage = fill(&*stage, 300);
    let scratch = stage.scratch();
    in_frame + in_stage + fill(&scratch, 5000)
}
