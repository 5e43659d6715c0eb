//! A writer of SVG documents.

use std::fmt::{self, Write as _};
use std::io;

/// A document that is written from its beginning to its end.
pub(super) struct Svg<'w> {
    to: &'w mut dyn io::Write,
    /// The first error of a write, after which nothing is written.
    written: io::Result<()>,
    open: Vec<&'static str>,
}

impl<'w> Svg<'w> {
    pub(super) fn new(to: &'w mut dyn io::Write) -> Self {
        Self {
            to,
            written: Ok(()),
            open: Vec::new(),
        }
    }

    /// Begins an element with these attributes, which are written without escaping.
    pub(super) fn open(&mut self, element: &'static str, attributes: fmt::Arguments<'_>) {
        self.push(format_args!("<{element} {attributes}>\n"));
        self.open.push(element);
    }

    /// Ends the element that was begun last.
    pub(super) fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            self.push(format_args!("</{element}>\n"));
        }
    }

    /// An element without content.
    pub(super) fn empty(&mut self, element: &str, attributes: fmt::Arguments<'_>) {
        self.push(format_args!("<{element} {attributes}/>\n"));
    }

    /// An element with text.
    pub(super) fn text(&mut self, element: &str, attributes: fmt::Arguments<'_>, text: &str) {
        let text = Escaped(text);
        self.push(format_args!("<{element} {attributes}>{text}</{element}>\n"));
    }

    /// An element with an explanation that appears under the pointer.
    pub(super) fn explained(&mut self, element: &str, attributes: fmt::Arguments<'_>, why: &str) {
        let why = Escaped(why);
        self.push(format_args!(
            "<{element} {attributes}><title>{why}</title></{element}>\n"
        ));
    }

    fn push(&mut self, text: fmt::Arguments<'_>) {
        if self.written.is_ok() {
            self.written = self.to.write_fmt(text);
        }
    }

    /// # Errors
    /// The errors of the writer.
    pub(super) fn finish(mut self) -> io::Result<()> {
        while !self.open.is_empty() {
            self.close();
        }
        self.written
    }
}

/// Escapes text for XML and HTML, in elements and in quoted attributes. Characters that XML does
/// not allow become U+FFFD.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(character)?,
                '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// A coordinate, to a hundredth of a unit.
#[derive(Clone, Copy)]
pub(super) struct At(pub(super) f64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", (self.0 * 100.0).round() / 100.0)
    }
}
