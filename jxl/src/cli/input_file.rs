use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use frame_arena::{AllocError, Arena, Charge};

use super::failure::Failure;
use super::output_file::is_standard;

/// Room for the first bytes of a file of unknown length.
const FIRST_ROOM: usize = 1 << 16;

/// The file's bytes, counted against the arena's limit before they are read. A file may be a pipe,
/// whose length nobody knows.
pub(super) fn read_file(path: &Path, arena: &Arena) -> Result<(Vec<u8>, Charge), Failure> {
    if is_standard(path) {
        return read_to_end(io::stdin().lock(), FIRST_ROOM, path, arena);
    }
    let file = File::open(path).map_err(Failure::at(path))?;
    let length = file.metadata().map_err(Failure::at(path))?.len();
    let length = usize::try_from(length).map_err(Failure::at(path))?;
    read_to_end(file, length, path, arena)
}

/// The bytes of `file`, of which `length` are expected.
fn read_to_end(
    mut file: impl Read,
    length: usize,
    path: &Path,
    arena: &Arena,
) -> Result<(Vec<u8>, Charge), Failure> {
    let mut bytes = Vec::new();
    let mut charge = grow(&mut bytes, length, arena).map_err(Failure::at(path))?;
    loop {
        let room = bytes.capacity() - bytes.len();
        let part = file.by_ref().take(room as u64).read_to_end(&mut bytes);
        if part.map_err(Failure::at(path))? < room {
            return Ok((bytes, charge));
        }
        // Only a read tells whether there is more.
        let mut next = [0];
        match file.read(&mut next) {
            Ok(0) => return Ok((bytes, charge)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::new(path, error)),
        }
        let more = bytes.len().max(FIRST_ROOM);
        charge = grow(&mut bytes, more, arena).map_err(Failure::at(path))?;
        bytes.push(next[0]);
    }
}

/// Makes room for `more` bytes. Returns a charge for all bytes.
fn grow(bytes: &mut Vec<u8>, more: usize, arena: &Arena) -> Result<Charge, AllocError> {
    let capacity = bytes.len().saturating_add(more);
    let charge = arena.frame().charge_for("file", capacity)?;
    let no_memory = |_| AllocError::System {
        requested_bytes: capacity,
    };
    bytes.try_reserve_exact(more).map_err(no_memory)?;
    Ok(charge)
}
