//! Rows of cells, aligned, within the width of the screen.

use std::io::{self, Write};

use super::text::{padded, width, wrapped};
use crate::world::Screen;

/// Blanks between two columns.
const GAP: usize = 2;
/// No column is made narrower than this.
const LEAST: usize = 8;

/// Rows of cells; what is too wide for the screen goes on below.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    rows: Vec<Vec<String>>,
    has_header: bool,
}

impl Grid {
    /// Starts with a row of names.
    pub(crate) fn with_header<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { rows: vec![names.into_iter().map(str::to_owned).collect()], has_header: true }
    }

    /// Adds a row of texts that are safe on a terminal.
    pub(crate) fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes all rows; the header, or else the first column, stands out.
    pub(crate) fn write(&self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        let widths = self.widths(screen.columns);
        for (at, row) in self.rows.iter().enumerate() {
            let cells: Vec<_> = row.iter().zip(&widths).map(|(it, most)| wrapped(it, *most)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or_default();
            for line in 0..height {
                let parts: Vec<_> = cells.iter().map(|it| it.get(line).map_or("", String::as_str)).collect();
                let last = parts.iter().rposition(|it| !it.is_empty()).unwrap_or_default();
                for (column, part) in parts.iter().enumerate().take(last + 1) {
                    let gap = if column == 0 { 0 } else { GAP };
                    let part = if column == last { (*part).to_owned() } else { padded(part, widths[column]) };
                    let stands_out = if self.has_header { at == 0 } else { column == 0 };
                    let part = if stands_out { bold(&part, screen) } else { part };
                    write!(out, "{}{part}", " ".repeat(gap))?;
                }
                writeln!(out)?;
            }
        }
        Ok(())
    }

    /// The width of each column: its widest cell, less where the screen is too narrow for all of them.
    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widest = |column: usize| {
            self.rows.iter().filter_map(|row: &Vec<String>| row.get(column)).map(|it| width(it)).max()
        };
        let mut widths: Vec<_> = (0..count).map(|it| widest(it).unwrap_or_default().max(1)).collect();
        let Some(room) = columns.map(|it| it.saturating_sub(GAP * count.saturating_sub(1))) else {
            return widths;
        };
        while widths.iter().sum::<usize>() > room {
            match widths.iter_mut().max().filter(|it| **it > LEAST) {
                Some(widest) => *widest -= 1,
                None => break,
            }
        }
        widths
    }
}

fn bold(text: &str, screen: Screen) -> String {
    if screen.colour && !text.trim().is_empty() {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(grid: &Grid, screen: Screen) -> String {
        let mut out = Vec::new();
        grid.write(&mut out, screen).expect("memory");
        String::from_utf8(out).expect("text")
    }

    fn grid() -> Grid {
        let mut grid = Grid::with_header(["name", "city", "note"]);
        grid.push(["小明", "杭州市", "one two three four"].map(str::to_owned));
        grid.push(["Ada", "", ""].map(str::to_owned));
        grid
    }

    #[test]
    fn columns_are_aligned_by_their_width_on_the_screen() {
        assert_eq!(
            written(&grid(), Screen::default()),
            "name  city    note\n小明  杭州市  one two three four\nAda\n"
        );
    }

    #[test]
    fn a_narrow_screen_wraps_the_widest_column() {
        let screen = Screen { is_terminal: true, columns: Some(24), colour: false };
        assert_eq!(
            written(&grid(), screen),
            "name  city    note\n小明  杭州市  one two\n              three four\nAda\n"
        );
    }

    #[test]
    fn only_a_screen_with_colours_gets_escapes() {
        let screen = Screen { colour: true, ..Screen::default() };
        assert!(written(&grid(), screen).starts_with("\u{1b}[1mname\u{1b}[0m  \u{1b}[1mcity"));
        assert!(!written(&grid(), Screen::default()).contains('\u{1b}'));
    }
}
