//! Polars' slice and concat over one column, on request: `polars-peer KEPT`.
//!
//! Stdin: one text per line, an empty line for a null, a line with a single dot at the end of the column; then `turn N`
//! to mask the column N times, answered by the nanoseconds of processor time of this thread, or `show`, answered by the
//! masked column in the form it came in.

use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead as _, BufWriter, Write as _, stdin, stdout};

use polars_core::prelude::{Column, PolarsResult, StringChunked};
use polars_ops::prelude::StringNameSpaceImpl as _;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// What stands for what is hidden.
const HIDDEN: &str = "***";
/// The line after the last text.
const END: &str = ".";

fn main() -> Result<(), Box<dyn Error>> {
    let kept = std::env::args()
        .nth(1)
        .ok_or("usage: polars-peer KEPT")?
        .parse()?;
    let mut lines = stdin().lock().lines();
    let mut texts = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if line == END {
            break;
        }
        texts.push((!line.is_empty()).then_some(line));
    }
    let column: StringChunked = texts.iter().map(Option::as_deref).collect();
    let mut out = BufWriter::new(stdout().lock());
    for line in lines {
        match line?.split_once(' ') {
            Some(("turn", repetitions)) => {
                let nanoseconds = turn(&column, kept, repetitions.parse()?)?;
                writeln!(out, "{nanoseconds}")?;
            }
            _ => {
                let masked = mask(&column, kept)?;
                for text in masked.iter() {
                    writeln!(out, "{}", text.unwrap_or_default())?;
                }
            }
        }
        out.flush()?;
    }
    Ok(())
}

/// The first characters of each text, and a constant behind them.
fn mask(column: &StringChunked, kept: u64) -> PolarsResult<StringChunked> {
    let offset = Column::new("offset".into(), [0i64]);
    let length = Column::new("length".into(), [kept]);
    Ok(&column.str_slice(&offset, &length)? + HIDDEN)
}

/// Nanoseconds of processor time that so many repetitions take.
fn turn(column: &StringChunked, kept: u64, repetitions: u32) -> Result<u64, Box<dyn Error>> {
    let started = clock_gettime(ClockId::ThreadCPUTime);
    for _ in 0..repetitions {
        black_box(mask(column, kept)?);
    }
    nanoseconds(clock_gettime(ClockId::ThreadCPUTime) - started)
}

fn nanoseconds(time: Timespec) -> Result<u64, Box<dyn Error>> {
    Ok(u64::try_from(time.tv_sec)? * 1_000_000_000 + u64::try_from(time.tv_nsec)?)
}
