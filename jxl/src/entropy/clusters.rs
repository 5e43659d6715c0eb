use super::bounds::MAX_CLUSTERS;
use super::{Code, Copying, Reader};
use crate::Error;
use crate::bits::Bits;
use crate::memory::Memory;

/// Reads the cluster of each of `contexts` contexts (ISO/IEC 18181-1, C.2.2). Returns the number of
/// clusters, and the cluster of each context.
///
/// # Errors
/// Truncated and corrupt maps, memory.
pub(crate) fn read_clusters<'m>(
    bits: &mut Bits<'_>,
    contexts: usize,
    memory: Memory<'m>,
) -> Result<(usize, &'m [u8]), Error> {
    let clusters = memory.zeros::<u8>(contexts)?;
    if contexts == 1 {
        return Ok((1, clusters));
    }
    if bits.read_bool()? {
        let width = bits.read(2)?;
        for cluster in clusters.iter_mut() {
            *cluster = bits.read(width)? as u8;
        }
    } else {
        let moves_to_front = bits.read_bool()?;
        memory.for_now(|memory| read_coded(bits, clusters, memory))?;
        if moves_to_front {
            undo_moves(clusters);
        }
    }
    Ok((count(clusters)?, clusters))
}

fn read_coded(bits: &mut Bits<'_>, clusters: &mut [u8], memory: Memory<'_>) -> Result<(), Error> {
    // With two contexts, the code could have maps of maps without end.
    let copying = match clusters.len() {
        ..=2 => Copying::Refused,
        _ => Copying::Allowed,
    };
    let code = Code::parse_with(bits, 1, copying, memory)?;
    let mut reader = Reader::begin(&code, bits, memory)?;
    for cluster in clusters {
        let coded = u8::try_from(reader.read(0)?);
        *cluster = coded.map_err(|_| Error::corrupt("too many clusters"))?;
    }
    reader.finish(bits)
}

/// Undoes a move-to-front transform: numbers are places in a list whose used item moves to the
/// front.
fn undo_moves(clusters: &mut [u8]) {
    let mut list: [u8; MAX_CLUSTERS] = std::array::from_fn(|place| place as u8);
    for cluster in clusters {
        let place = usize::from(*cluster);
        *cluster = list[place];
        list[..=place].rotate_right(1);
    }
}

/// The number of clusters, if none is unused.
fn count(clusters: &[u8]) -> Result<usize, Error> {
    let mut is_used = [false; MAX_CLUSTERS];
    for &cluster in clusters {
        is_used[usize::from(cluster)] = true;
    }
    let count = is_used.iter().filter(|&&is_used| is_used).count();
    match is_used[..count].iter().all(|&is_used| is_used) {
        true => Ok(count),
        false => Err(Error::corrupt("cluster without a context")),
    }
}
