//! The drawing in an HTML page.

use std::io::{self, Write};

use super::svg::Escaped;
use super::{MemoryMap, panels};

const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = "\
body{margin:8px;background:#fff;color:#222;font:13px system-ui,sans-serif}svg{max-width:none}
.plot{cursor:grab}.legend{cursor:default}
#tip{position:fixed;display:none;pointer-events:none;white-space:pre;background:#222;color:#fff;padding:5px 8px;
border-radius:4px;max-width:60em}button{font:inherit;margin-right:4px}";

pub(super) fn write(map: &MemoryMap<'_>, mut to: impl Write) -> io::Result<()> {
    writeln!(
        to,
        "<!DOCTYPE html>\n\
         <html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\n\
         <style>{STYLE}</style></head><body>\n\
         <div><button id=\"in\">+</button><button id=\"out\">-</button>\
         <button id=\"all\">all</button> \
         wheel: zoom; drag: move; \
         point at a stage of the legend to pick it out, at a rectangle for what it is</div>",
        Escaped(&map.title)
    )?;
    panels::write(map, 1.0 / 16.0, &mut to)?;
    writeln!(
        to,
        "<div id=\"tip\"></div>\n<script>\n{SCRIPT}</script></body></html>"
    )
}
