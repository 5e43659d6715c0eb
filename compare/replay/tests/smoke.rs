//! Replays every load but the largest twice with every strategy: no byte may be wrong.

use std::process::Command;

#[test]
fn no_strategy_gives_back_a_wrong_byte() {
    let output = Command::new(env!("CARGO_BIN_EXE_compare-replay"))
        .arg("--test")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.lines().count() >= 10, "{said}");
}

#[test]
fn wrong_usage_fails() {
    let output = Command::new(env!("CARGO_BIN_EXE_compare-replay"))
        .args(["--loads", "vardct", "--threads", "none"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
