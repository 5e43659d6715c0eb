use super::*;

fn read(file: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let mut pieces = Vec::new();
    for_each_piece(file, |piece| pieces.push(piece.to_vec()))?;
    Ok(pieces)
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = 8 + content.len() as u32;
    [&size.to_be_bytes(), kind.as_slice(), content].concat()
}

fn container(boxes: &[Vec<u8>]) -> Vec<u8> {
    let file_type = boxed(b"ftyp", b"jxl \0\0\0\0jxl ");
    [&CONTAINER_SIGNATURE, file_type.as_slice(), &boxes.concat()].concat()
}

fn piece(index: u32, content: &[u8]) -> Vec<u8> {
    boxed(b"jxlp", &[&index.to_be_bytes(), content].concat())
}

#[test]
fn sizes_come_in_three_kinds() {
    let long = [
        &[0, 0, 0, 1],
        b"jxlc".as_slice(),
        &21_u64.to_be_bytes(),
        b"12345",
    ]
    .concat();
    let open = [&[0, 0, 0, 0], b"jxlc".as_slice(), b"12345"].concat();
    let exif = boxed(b"Exif", b"\0\0\0\0nothing");
    for codestream in [boxed(b"jxlc", b"12345"), long, open] {
        let file = container(&[exif.clone(), codestream]);
        assert_eq!(read(&file).unwrap(), [b"12345"]);
    }
}

#[test]
fn what_follows_the_codestream_is_left_alone() {
    let bad = vec![0, 0, 0, 3, b'j', b'x', b'l', b'p'];
    for after in [boxed(b"jxlc", b"other"), piece(0, b"other"), bad.clone()] {
        let whole = container(&[boxed(b"jxlc", b"12345"), after.clone()]);
        assert_eq!(read(&whole).unwrap(), [b"12345"]);
        let pieces = container(&[piece(0, b"123"), piece(1 | LAST_PIECE, b"45"), after]);
        assert_eq!(read(&pieces).unwrap(), [b"123", b"45".as_slice()]);
    }
    assert!(read(&container(&[bad, boxed(b"jxlc", b"12345")])).is_err());
}

#[test]
fn pieces_are_numbered() {
    let is_corrupt = |boxes: &[Vec<u8>]| matches!(read(&container(boxes)), Err(Error::Corrupt(_)));
    assert!(is_corrupt(&[piece(1, b"1")]));
    assert!(is_corrupt(&[piece(0, b"1"), piece(0, b"2")]));
    assert!(is_corrupt(&[piece(0, b"1"), boxed(b"jxlc", b"2")]));
    assert!(is_corrupt(&[boxed(b"jxlp", b"\0\0\0")]));
}

#[test]
fn impossible_sizes_are_errors() {
    for size in 2..8_u32 {
        let short = [size.to_be_bytes().as_slice(), b"Exif"].concat();
        assert!(read(&container(&[short])).is_err());
    }
    for size in 0..16_u64 {
        let short = [&[0, 0, 0, 1], b"Exif".as_slice(), &size.to_be_bytes()].concat();
        assert!(read(&container(&[short])).is_err());
    }
    let huge = [
        &[0, 0, 0, 1],
        b"jxlc".as_slice(),
        &u64::MAX.to_be_bytes(),
        b"123",
    ]
    .concat();
    assert_eq!(read(&container(&[huge])).unwrap(), [b"123"]);
}

#[test]
fn every_prefix_is_read_or_truncated() {
    let file = container(&[piece(0, b"123"), boxed(b"xml ", b"<a/>"), piece(1, b"45")]);
    for length in 1..CONTAINER_SIGNATURE.len() {
        assert!(matches!(read(&file[..length]), Err(Error::Truncated)));
    }
    for length in CONTAINER_SIGNATURE.len()..file.len() {
        let found = read(&file[..length]).unwrap().concat();
        assert!(b"12345".starts_with(&found));
    }
    assert!(matches!(read(b""), Err(Error::NotJpegXl)));
    assert!(matches!(read(b"GIF89a"), Err(Error::NotJpegXl)));
    assert!(matches!(read(&[0xFF]), Err(Error::Truncated)));
}

#[test]
fn an_empty_codestream_is_there() {
    let empty = [
        boxed(b"jxlc", b""),
        [piece(0, b""), piece(1 | LAST_PIECE, b"")].concat(),
        // It fills the rest of the file.
        [&[0, 0, 0, 0], b"jxlc".as_slice()].concat(),
    ];
    for codestream in empty {
        assert_eq!(read(&container(&[codestream])).unwrap(), [b""]);
    }
    assert!(read(&container(&[boxed(b"Exif", b"")])).unwrap().is_empty());
}
