//! The table of parts of pictures.

use std::path::Path;
use std::process::Command;

/// The program itself compares each part with the whole picture.
#[test]
fn parts_of_samples_are_what_the_whole_pictures_say() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../jxl/tests/samples");
    for name in ["vardct_seams.jxl", "rgb8_e4_g2.jxl"] {
        let output = Command::new(env!("CARGO_BIN_EXE_compare-decoders"))
            .args(["--parts", "--repeat=1", "--warm-up=1"])
            .arg("--decoders=jxl-oxide,jxl-rs,jxl-arena")
            .arg(samples.join(name))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let table = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {errors}{table}");
        for part in [
            "whole | jxl-rs",
            "whole | jxl-arena",
            "eighth | jxl-arena",
            "region | jxl-arena",
            "region | jxl-oxide",
        ] {
            assert!(table.contains(part), "{name}, {part}: {table}");
        }
    }
}
