//! What a bench found: a table for a person, a line of JSON for a program.

use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};

use crate::Machine;

/// One measured case: a label and named figures, each with its unit in the name.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// What was measured, for example `1,000,000 persons`.
    pub case: String,
    /// Figures by name, in the order of the columns; the same names in every case.
    pub figures: Vec<(&'static str, f64)>,
}

/// The edge of what keeps a promise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// The largest figure that keeps it.
    AtMost(f64),
    /// The smallest figure that keeps it.
    AtLeast(f64),
}

impl Bound {
    /// The bound as words and as a key, with its figure.
    const fn parts(self) -> (&'static str, &'static str, f64) {
        match self {
            Self::AtMost(edge) => ("at most", "at_most", edge),
            Self::AtLeast(edge) => ("at least", "at_least", edge),
        }
    }
}

/// A number that `SPECIFICATION.md` promises, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// The promise in words.
    pub text: String,
    /// The figures that keep it.
    pub bound: Bound,
    /// The figure found.
    pub found: f64,
}

impl Promise {
    /// A promise that the figure is no larger than `edge`.
    pub fn at_most(text: impl Into<String>, edge: f64, found: f64) -> Self {
        Self {
            text: text.into(),
            bound: Bound::AtMost(edge),
            found,
        }
    }

    /// A promise that the figure is no smaller than `edge`.
    pub fn at_least(text: impl Into<String>, edge: f64, found: f64) -> Self {
        Self {
            text: text.into(),
            bound: Bound::AtLeast(edge),
            found,
        }
    }

    /// Whether it is kept; a figure that is no number keeps nothing.
    #[must_use]
    pub fn kept(&self) -> bool {
        match self.bound {
            Bound::AtMost(edge) => self.found <= edge,
            Bound::AtLeast(edge) => self.found >= edge,
        }
    }

    fn to_text(&self) -> String {
        let word = if self.kept() { "kept" } else { "BROKEN" };
        let (bound, _, edge) = self.bound.parts();
        let (found, edge) = (figure(self.found), figure(edge));
        format!("{word}: {}: {found} ({bound} {edge})\n", self.text)
    }

    fn to_json(&self) -> Value {
        let (_, bound, edge) = self.bound.parts();
        json!({ "promise": self.text, bound: edge, "found": self.found, "kept": self.kept() })
    }
}

/// All that a bench found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The cases.
    pub measured: Vec<Measured>,
    /// The promises.
    pub promises: Vec<Promise>,
    /// What a reader of the figures should know.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether every promise is kept.
    #[must_use]
    pub fn kept(&self) -> bool {
        self.promises.iter().all(Promise::kept)
    }

    /// The tables as text.
    pub(crate) fn to_text(&self, name: &str, machine: &Machine) -> String {
        let mut text = format!("{name} on {machine}\n\n{}\n", self.table());
        for promise in &self.promises {
            text.push_str(&promise.to_text());
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        let names = self.measured.first().map(|first| &first.figures);
        let names = names
            .into_iter()
            .flatten()
            .map(|(name, _)| (*name).to_owned());
        table.set_header(std::iter::once("case".to_owned()).chain(names));
        for measured in &self.measured {
            let figures = measured.figures.iter().map(|(_, value)| figure(*value));
            table.add_row(std::iter::once(measured.case.clone()).chain(figures));
        }
        table
    }

    /// The same as one JSON object.
    pub(crate) fn to_json(&self, name: &str, machine: &Machine) -> Value {
        let measured = self.measured.iter().map(|measured| {
            let figures: Map<String, Value> = measured
                .figures
                .iter()
                .map(|(name, value)| (key(name), json!(value)))
                .collect();
            json!({ "case": measured.case, "figures": figures })
        });
        let promises = self.promises.iter().map(Promise::to_json);
        json!({
            "bench": name,
            "machine": machine.to_json(),
            "measured": measured.collect::<Vec<_>>(),
            "promises": promises.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

/// Whole numbers from a hundred on, two decimals below.
fn figure(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digit.is_ascii_digit() && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A figure's name as a key: `peak MiB` is `peak_mib`.
fn key(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    //! Text and JSON of a small report.

    use super::*;

    fn report(found: f64) -> Report {
        Report {
            measured: vec![Measured {
                case: "a".to_owned(),
                figures: vec![("peak MiB", 1234.5), ("wall s", 0.5)],
            }],
            promises: vec![Promise::at_most("small", 1.25, found)],
            notes: vec!["n".to_owned()],
        }
    }

    #[test]
    fn figures_are_grouped() {
        let check = |value: f64, expect: &str| assert_eq!(figure(value), expect);
        check(0.5, "0.50");
        check(100.0, "100");
        check(1234.4, "1,234");
        check(1_234_567.0, "1,234,567");
    }

    #[test]
    fn promises_have_an_upper_or_a_lower_edge() {
        for (found, kept, word) in [(60.0, true, "kept"), (59.9, false, "BROKEN")] {
            let promise = Promise::at_least("fast", 60.0, found);
            assert_eq!(promise.kept(), kept);
            assert!(promise.to_text().starts_with(word), "{found}");
            assert_eq!(promise.to_json().pointer("/at_least"), Some(&json!(60.0)));
        }
        assert!(!Promise::at_least("fast", 60.0, f64::NAN).kept());
    }

    #[test]
    fn a_broken_promise_is_told_in_both_forms() {
        let machine = Machine {
            cores: 1,
            cpu: "c".to_owned(),
            kernel: "k".to_owned(),
        };
        for (found, kept, word) in [
            (1.25, true, "kept: small"),
            (1.26, false, "BROKEN: small"),
            (f64::NAN, false, "BROKEN"),
        ] {
            let report = report(found);
            assert_eq!(report.kept(), kept);
            assert!(report.to_text("x", &machine).contains(word));
            let json = report.to_json("x", &machine);
            assert_eq!(json.pointer("/promises/0/kept"), Some(&json!(kept)));
            assert_eq!(
                json.pointer("/measured/0/figures/peak_mib"),
                Some(&json!(1234.5))
            );
        }
    }
}
