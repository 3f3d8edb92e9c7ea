//! What the process has around it, as a value: tests bring their own.

use std::io::{BufRead, Write};

use userinfo_core::Factory;
use userinfo_layers::Layers;

/// Everything that a command may touch besides files and the network.
pub(crate) struct World<'a> {
    /// The factories, with the layers that the configuration names.
    pub(crate) factories: &'a [Factory],
    /// What holds those layers.
    pub(crate) layers: &'a Layers,
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) stdin: &'a mut dyn BufRead,
    /// Whether somebody sits there who can be asked.
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout: &'a mut dyn Write,
    pub(crate) stderr: &'a mut dyn Write,
    pub(crate) screen: Screen,
    /// Whether stderr can show colours; stdout's are the screen's.
    pub(crate) stderr_colour: bool,
}

/// What answers are shown on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) is_terminal: bool,
    /// How many columns there are; `None` where lines may be as long as they like.
    pub(crate) columns: Option<usize>,
    pub(crate) colour: bool,
}

impl World<'_> {
    /// Tells people something beside the answer.
    pub(crate) fn note(&mut self, line: &str) {
        // Nobody is there to be told if stderr is gone; the answer counts.
        let _ = writeln!(self.stderr, "userinfo: {line}");
    }
}

impl Screen {
    pub(crate) fn new(
        is_terminal: bool,
        columns: Option<usize>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Self {
        Self { is_terminal, columns: columns.filter(|_| is_terminal), colour: colour(is_terminal, env) }
    }
}

/// Colours are for a terminal that can show them, unless `NO_COLOR` is set.
pub(crate) fn colour(is_terminal: bool, env: impl Fn(&str) -> Option<String>) -> bool {
    let unwanted = env("NO_COLOR").is_some_and(|it| !it.is_empty());
    let dumb = env("TERM").is_some_and(|it| it == "dumb");
    is_terminal && !unwanted && !dumb
}

/// The width of the terminal.
pub(crate) fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|it| *it > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(is_terminal: bool, set: &'static [(&str, &str)]) -> Screen {
        Screen::new(is_terminal, Some(80), |name| {
            set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        assert!(screen(true, &[]).colour);
        assert!(screen(true, &[("TERM", "xterm"), ("NO_COLOR", "")]).colour);
        assert!(!screen(false, &[]).colour);
        assert!(!screen(true, &[("NO_COLOR", "1")]).colour);
        assert!(!screen(true, &[("TERM", "dumb")]).colour);
    }

    #[test]
    fn only_a_terminal_has_a_width() {
        assert_eq!(screen(true, &[]).columns, Some(80));
        assert_eq!(screen(false, &[]).columns, None);
    }
}
