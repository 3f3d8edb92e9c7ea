//! Text in cells: its width on a screen, and lines of a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes; a Chinese character takes two.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Appends blanks up to a width.
pub(crate) fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// Breaks a text into lines of at most this width: at blanks where there are some, else anywhere.
pub(crate) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= most {
            line.extend(std::iter::repeat_n(' ', gap));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut room = most;
        for c in word.chars() {
            let wide = c.width().unwrap_or_default();
            if wide > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                room = most;
            }
            line.push(c);
            room = room.saturating_sub(wide);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(width("小明 ab"), 7);
        assert_eq!(padded("小", 4), "小  ");
        assert_eq!(padded("too long", 3), "too long");
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_anywhere() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("https://example.com", 8), ["https://", "example.", "com"]);
        assert_eq!(wrapped("a 浙江省杭州市", 6), ["a", "浙江省", "杭州市"]);
        assert_eq!(wrapped("浙江省", 5), ["浙江", "省"]);
        assert_eq!(wrapped("", 5), [""]);
        assert_eq!(wrapped("浙", 1), ["浙"]);
    }
}
