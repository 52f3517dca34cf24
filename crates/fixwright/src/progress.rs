//! What is said while work is going on: a spinner on a terminal, plain lines elsewhere, nothing when quiet. Always on standard error.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Nothing but warnings.
    Quiet,
    /// A line for each step.
    Lines,
    /// One line that changes, for terminals.
    Spinner,
}

/// The one voice of the program on standard error.
pub(crate) struct Progress {
    manner: Manner,
    bar: Option<ProgressBar>,
    last: Mutex<String>,
}

impl Progress {
    /// Returns a voice of that manner.
    pub(crate) fn new(manner: Manner) -> Self {
        let bar = (manner == Manner::Spinner).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { manner, bar, last: Mutex::new(String::new()) }
    }

    /// Says what is being done now; repeats are not shown twice.
    pub(crate) fn step(&self, text: &str) {
        let text = plain(text);
        if let Ok(mut last) = self.last.lock() {
            if *last == text {
                return;
            }
            last.clone_from(&text);
        }
        match (&self.bar, self.manner) {
            (Some(bar), _) => bar.set_message(text),
            (None, Manner::Lines) => anstream::eprintln!("{text}"),
            _ => {}
        }
    }

    /// Says something that is to stay on the screen.
    pub(crate) fn note(&self, text: &str) {
        let text = plain(text);
        match (&self.bar, self.manner) {
            (Some(bar), _) => bar.suspend(|| anstream::eprintln!("{text}")),
            (None, Manner::Quiet) => {}
            _ => anstream::eprintln!("{text}"),
        }
    }

    /// Says something without which the result would be read wrongly: quiet or not.
    pub(crate) fn warn(&self, text: &str) {
        match self.manner {
            Manner::Quiet => anstream::eprintln!("{}", plain(text)),
            Manner::Lines | Manner::Spinner => self.note(text),
        }
    }

    /// Ends: the changing line goes away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Returns `text` without control characters: what tools and repositories write never steers the user's terminal.
pub(crate) fn plain(text: &str) -> String {
    let hostile = |c: &char| {
        (c.is_control() && *c != '\n' && *c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().filter(|c| !hostile(c)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_and_direction_marks_do_not_pass() {
        assert_eq!(super::plain("a\u{1b}[2Jb\u{7}\r\n\u{202e}c\u{9b}d"), "a[2Jb\ncd");
    }
}
