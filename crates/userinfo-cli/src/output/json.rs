//! JSON for programs, which a terminal may show.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde::Serialize;

/// Writes a value as pretty JSON and a line feed.
///
/// Control and bidi characters are escaped: the JSON says the same and a terminal is safe.
pub(crate) fn json(value: &(impl Serialize + ?Sized), out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", escaped(text))
}

/// Beyond ASCII a character of JSON text stands within a string, where an escape may replace it.
fn escaped(text: String) -> String {
    if !text.contains(is_unsafe) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_fool_a_terminal_is_escaped_and_means_the_same() {
        let text = "小明 \u{9b}31m \u{202e}evil \u{7f} 👩‍👩‍👧 \u{1b}[0m";
        let mut out = Vec::new();
        json(text, &mut out).expect("memory");
        let shown = String::from_utf8(out).expect("text");
        assert_eq!(shown, "\"小明 \\u009b31m \\u202eevil \\u007f 👩‍👩‍👧 \\u001b[0m\"\n");
        assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
    }
}
