use std::io::{BufRead, Read, Seek, SeekFrom};

use image::ImageResult;
use jxl_arena::BoxHeader;

use crate::error::{image_error, no_memory};
use crate::memory::with_capacity;

/// A box as stored.
pub(crate) struct StoredBox {
    /// Its type, `brob` for compressed content.
    pub(crate) kind: [u8; 4],
    pub(crate) bytes: Vec<u8>,
}

/// Reads the first box that contains `kind`, compressed or not, of the file that starts at `start`.
/// Other boxes are skipped, not read.
///
/// # Errors
/// A box of impossible size; a box that the file ends in; more than `most_bytes`; no memory; the
/// reader fails.
pub(crate) fn find_box(
    reader: &mut (impl BufRead + Seek),
    mut start: u64,
    kind: [u8; 4],
    most_bytes: Option<u64>,
) -> ImageResult<Option<StoredBox>> {
    let file_end = reader.seek(SeekFrom::End(0))?;
    let mut is_container = false;
    loop {
        reader.seek(SeekFrom::Start(start))?;
        let mut buffer = [0; MOST_BYTES];
        let bytes = read_most(reader, &mut buffer)?;
        let header = BoxHeader::read(bytes).map_err(image_error)?;
        let Some(header) = header.filter(|header| is_container || header.kind == *b"JXL ") else {
            return Ok(None);
        };
        is_container = true;
        let content = start + header.header_bytes as u64;
        let left = file_end.saturating_sub(content);
        let content_bytes = header.content_bytes.unwrap_or(left);
        let is_found = match &header.kind {
            b"brob" => bytes[header.header_bytes..].starts_with(&kind),
            found => *found == kind,
        };
        if is_found {
            if content_bytes > left {
                return Err(image_error(jxl_arena::Error::Truncated));
            }
            if most_bytes.is_some_and(|most| content_bytes > most) {
                return Err(no_memory());
            }
            let capacity = usize::try_from(content_bytes).map_err(|_| no_memory())?;
            let mut bytes = with_capacity(capacity)?;
            reader.seek(SeekFrom::Start(content))?;
            reader.take(content_bytes).read_to_end(&mut bytes)?;
            let kind = header.kind;
            return Ok(Some(StoredBox { kind, bytes }));
        }
        if content_bytes >= left {
            return Ok(None);
        }
        start = content + content_bytes;
    }
}

/// Bytes of the longest header, and of the type behind it in a `brob` box.
const MOST_BYTES: usize = BoxHeader::MOST_BYTES + 4;

/// Fills `buffer`. Returns the bytes that there are: fewer at the end of the file.
fn read_most<'b>(
    reader: &mut impl BufRead,
    buffer: &'b mut [u8; MOST_BYTES],
) -> ImageResult<&'b [u8]> {
    let mut count = 0;
    while count < MOST_BYTES {
        match reader.read(&mut buffer[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(&buffer[..count])
}
