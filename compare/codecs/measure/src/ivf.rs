//! Streams in the container IVF: a header of 32 bytes, then a header of 12 bytes before each packet
//! with its length in the first 4.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

/// Returns the packets of a file.
///
/// # Errors
/// The file is no IVF.
pub fn packets(file: &[u8]) -> Result<Vec<&[u8]>> {
    ensure!(file.starts_with(b"DKIF") && file.len() >= 32, "not an IVF");
    let mut rest = &file[32..];
    let mut packets = Vec::new();
    while let Some((header, behind)) = rest.split_first_chunk::<12>() {
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        ensure!(length <= behind.len(), "the file ends inside a packet");
        let (packet, next) = behind.split_at(length);
        packets.push(packet);
        rest = next;
    }
    Ok(packets)
}

/// Returns the packets of several files.
///
/// # Panics
/// If a file cannot be read or is no IVF.
pub fn packets_of(files: &[PathBuf]) -> VecDeque<Vec<u8>> {
    let files = files.iter().map(|file| fs::read(file).unwrap());
    let packets = |file: Vec<u8>| {
        let packets = packets(&file).unwrap();
        packets.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    files.flat_map(packets).collect()
}
