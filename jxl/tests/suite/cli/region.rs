//! Files with a region of a picture.

use std::fs;

use super::{Folder, assert_fails, assert_succeeds, decode, sample};
use crate::support::{assert_same, read_pngs};

#[test]
fn files_hold_the_rectangle() {
    let folder = Folder::new("region");
    let (whole, part) = (folder.file("whole.png"), folder.file("part.png"));
    let (x, y, width, height) = (37, 90, 33, 41);
    let option = format!("--region={width}x{height}+{x}+{y}");
    for name in ["rgb8_e3_g0", "vardct_groups", "vardct_seams_alpha"] {
        assert_succeeds(&decode(&sample(name), &whole, &[]));
        let options = [&option, "--repeat=2", "--memory-limit=16MiB"];
        assert_succeeds(&decode(&sample(name), &part, &options));
        let (wholes, parts) = (read_pngs(&whole), read_pngs(&part));
        assert_eq!((parts[0].width, parts[0].height), (width, height), "{name}");
        let channels = wholes[0].channels;
        let rows = wholes[0].values.chunks_exact(wholes[0].width * channels);
        let rows = rows.skip(y).take(height);
        let crop = rows.flat_map(|row| &row[x * channels..(x + width) * channels]);
        let crop: Vec<u16> = crop.copied().collect();
        assert_same(name, (width, channels), &parts[0].values, &crop);
    }
}

#[test]
fn pictures_of_an_animation_are_cut_alike() {
    let folder = Folder::new("region-animation");
    let (whole, part) = (folder.file("whole.png"), folder.file("part.png"));
    assert_succeeds(&decode(&sample("animation_lossless"), &whole, &[]));
    let options = ["--region=20x10+30+5"];
    assert_succeeds(&decode(&sample("animation_lossless"), &part, &options));
    let (wholes, parts) = (read_pngs(&whole), read_pngs(&part));
    assert_eq!(parts.len(), wholes.len());
    for (whole, part) in wholes.iter().zip(&parts) {
        let rows = whole.values.chunks_exact(whole.width * whole.channels);
        let channels = whole.channels;
        let rows = rows.skip(5).take(10);
        let crop = rows.flat_map(|row| &row[30 * channels..50 * channels]);
        let crop: Vec<u16> = crop.copied().collect();
        assert_same("picture", (20, channels), &part.values, &crop);
    }
}

#[test]
fn regions_that_the_picture_does_not_have_are_refused() {
    let folder = Folder::new("region-refused");
    let out = folder.file("out.png");
    let file = sample("rgb8_e3_g0");
    for (region, what) in [
        (
            "391x1+0+0",
            "the region 391x1+0+0 exceeds the picture of 390 x 265 pixels",
        ),
        ("1x1+0+265", "exceeds the picture of 390 x 265 pixels"),
        (
            "4294967295x4294967295+0+0",
            "exceeds the picture of 390 x 265 pixels",
        ),
        ("0x7+1+1", "the region 0x7+1+1 has no pixels"),
    ] {
        fs::write(&out, "before").unwrap();
        let output = decode(&file, &out, &[&format!("--region={region}")]);
        assert_fails(&output, &file, what);
        assert_eq!(fs::read(&out).unwrap(), b"before", "{region}");
    }
    for region in ["1024x768", "1x1+0", "1x1+0+0+0", "axb+0+0", "1x1-1-1", ""] {
        let output = decode(&file, &out, &[&format!("--region={region}")]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{region}: {errors}");
        assert!(errors.contains("not of the form WxH+X+Y"), "{errors}");
    }
}
