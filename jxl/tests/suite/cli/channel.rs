use jxl_arena::{Decoder, Layout};

use super::{Folder, assert_fails, assert_succeeds, decode, drawn, integers, sample};
use crate::support::{corpus, read_png};

#[test]
fn an_extra_channel_is_written_alone() {
    let folder = Folder::new("channel");
    let out = folder.file("out.png");
    let (file, expected) = (sample("rgba8_g0"), drawn("rgba8_g0"));
    let (values, _) = integers(&expected);
    let alpha: Vec<u16> = values.iter().skip(3).step_by(4).copied().collect();
    for channel in ["alpha", "0"] {
        assert_succeeds(&decode(&file, &out, &["--channel", channel]));
        let written = read_png(&out);
        assert_eq!(written.channels, 1, "{channel}");
        assert!(written.values == alpha, "{channel}");
    }
    let region = ["--channel", "alpha", "--region", "50x40+100+60"];
    assert_succeeds(&decode(&file, &out, &region));
    let written = read_png(&out);
    let rows = alpha.chunks_exact(expected.width).skip(60).take(40);
    assert!(
        written
            .values
            .iter()
            .eq(rows.flat_map(|row| &row[100..150]))
    );
}

#[test]
fn channels_are_found_by_their_names() {
    let Some(corpus) = corpus() else { return };
    let folder = Folder::new("channel name");
    let (out, path) = (
        folder.file("out.png"),
        corpus.join("features/large_header.jxl"),
    );
    let file = std::fs::read(&path).unwrap();
    let picture = Decoder::default().read(&file).unwrap();
    let channels: Vec<_> = picture.extra_channels().collect();
    assert!(channels.len() > 3);
    for (index, channel) in channels.iter().enumerate().take(3).skip(1) {
        assert!(!channel.name.is_empty());
        assert_succeeds(&decode(&path, &out, &["--channel", channel.name]));
        let written = read_png(&out);
        let expected: Vec<u8> = picture.decode(Layout::Extra(index as u16)).unwrap();
        let expected = expected.into_iter().map(u16::from);
        assert!(written.values.iter().copied().eq(expected), "{index}");
    }
}

#[test]
fn channels_that_are_not_there_are_named() {
    let folder = Folder::new("no channel");
    let (file, out) = (sample("rgba8_g0"), folder.file("out.png"));
    for channel in ["depth", "1", ""] {
        let output = decode(&file, &out, &["--channel", channel]);
        let message = format!("none of its 1 extra channels is {channel}");
        assert_fails(&output, &file, message.trim_end());
    }
    let out = folder.file("out.ppm");
    let output = decode(&file, &out, &["--channel", "alpha"]);
    assert_fails(&output, &out, "does not fit a PPM file");
    assert!(folder.names().is_empty());
}
