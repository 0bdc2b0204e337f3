//! Kernels beside their peers in one process: in turns, by the processor time of this thread.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::BenchError;

/// Rounds of a measurement; in each, every way has its turn, so that a noisy neighbour falls on all of them.
pub const ROUNDS: usize = 7;
/// A turn repeats its work until it takes at least this long: the clock's grain and the first touch are then nothing.
const TURN_MIN: Duration = Duration::from_millis(20);
/// How a side by side measurement was taken, for the notes of a report.
pub const METHOD: &str =
    "65,536 rows a call; processor time of one thread; ways take turns, median of 7 rounds";

/// One way to do the work: ours, a peer's, or a limit.
pub struct Way<'a> {
    name: &'static str,
    turn: Box<dyn FnMut(u32) -> Result<Duration, BenchError> + 'a>,
}

impl<'a> Way<'a> {
    /// A way under its name; `work` does all values once, and what it returns is kept from being optimised away.
    pub fn new<T, E>(name: &'static str, mut work: impl FnMut() -> Result<T, E> + 'a) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::timed_by_itself(name, move |repetitions| {
            let started = thread_time();
            for _ in 0..repetitions {
                black_box(work().map_err(|refused| BenchError::Kernel(refused.into()))?);
            }
            Ok(thread_time().saturating_sub(started))
        })
    }

    /// A way that lies in another process: `turn` does all values so many times and says the processor time it took.
    pub fn timed_by_itself(
        name: &'static str,
        turn: impl FnMut(u32) -> Result<Duration, BenchError> + 'a,
    ) -> Self {
        let turn = Box::new(turn);
        Self { name, turn }
    }

    /// Repetitions that fill [`TURN_MIN`]; also warms caches and branch predictors.
    fn repetitions(&mut self) -> Result<u32, BenchError> {
        (self.turn)(1)?;
        let once = (self.turn)(1)?.max(Duration::from_nanos(1));
        let wanted = TURN_MIN.as_nanos().div_ceil(once.as_nanos());
        Ok(u32::try_from(wanted).unwrap_or(u32::MAX))
    }
}

/// What each way took.
#[derive(Debug, Clone, PartialEq)]
pub struct SideBySide(Vec<(&'static str, f64)>);

impl SideBySide {
    /// Nanoseconds of processor time per value, the median of the rounds; NaN for a name that had no turn, which keeps
    /// no promise.
    #[must_use]
    pub fn ns(&self, name: &str) -> f64 {
        let mut ways = self.0.iter();
        ways.find(|(way, _)| *way == name)
            .map_or(f64::NAN, |(_, ns)| *ns)
    }

    /// How many times the time of `other` the way `name` takes: 2 is twice as slow, and so is
    /// `times("peer", "ours") == 2` ours twice as fast.
    #[must_use]
    pub fn times(&self, name: &str, other: &str) -> f64 {
        self.ns(name) / self.ns(other)
    }

    /// Millions of values in a second of processor time.
    #[must_use]
    pub fn millions_per_second(&self, name: &str) -> f64 {
        1_000.0 / self.ns(name)
    }
}

/// Measures ways of doing the same `values` values.
///
/// ```
/// use benches::{Way, side_by_side};
/// use std::convert::Infallible;
///
/// let numbers: Vec<u64> = (0..10_000).collect();
/// let found = side_by_side(
///     numbers.len(),
///     &mut [
///         Way::new("once", || Ok::<_, Infallible>(numbers.iter().sum::<u64>())),
///         Way::new("four times", || {
///             Ok::<_, Infallible>((0..4).map(|_| std::hint::black_box(&numbers).iter().sum::<u64>()).sum::<u64>())
///         }),
///     ],
/// )?;
/// assert!(found.times("four times", "once") > 1.5);
/// # Ok::<(), benches::BenchError>(())
/// ```
///
/// # Errors
/// [`BenchError::Kernel`] when a way refuses its work.
pub fn side_by_side(values: usize, ways: &mut [Way<'_>]) -> Result<SideBySide, BenchError> {
    let mut rounds = Vec::with_capacity(ways.len());
    for way in ways.iter_mut() {
        rounds.push((way.repetitions()?, Vec::with_capacity(ROUNDS)));
    }
    for _ in 0..ROUNDS {
        for (way, (repetitions, turns)) in ways.iter_mut().zip(&mut rounds) {
            let took = (way.turn)(*repetitions)?;
            turns.push(took.as_secs_f64() * 1e9 / f64::from(*repetitions) / values as f64);
        }
    }
    let names = ways.iter().map(|way| way.name);
    let medians = rounds.into_iter().map(|(_, turns)| median(turns));
    Ok(SideBySide(names.zip(medians).collect()))
}

/// The middle of an odd number of figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Processor time of this thread so far.
fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(now.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    //! The clock counts work and not waiting; turns are taken in order; a refusal ends the measurement.

    use std::cell::RefCell;
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn waiting_is_not_counted() {
        let started = thread_time();
        std::thread::sleep(Duration::from_millis(50));
        assert!(thread_time() - started < Duration::from_millis(25));
    }

    #[test]
    fn the_median_ignores_one_slow_round() {
        assert_eq!(median(vec![3.0, 1.0, 900.0, 2.0, 2.5]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn every_way_has_a_turn_in_every_round() {
        let said = RefCell::new(String::new());
        let turns = &said;
        let way = |name: &'static str, milliseconds: u64| {
            Way::new(name, move || {
                turns.borrow_mut().push_str(name);
                let started = thread_time();
                while thread_time() - started < Duration::from_millis(milliseconds) {}
                Ok::<_, Infallible>(())
            })
        };
        let found = side_by_side(1, &mut [way("a", 20), way("b", 60)]).unwrap();
        assert!((found.times("b", "a") - 3.0).abs() < 0.5, "{found:?}");
        assert!((found.millions_per_second("a") * found.ns("a") - 1_000.0).abs() < 1e-6);
        assert!(found.ns("c").is_nan());
        let expect = "aabb".to_owned() + &"ab".repeat(ROUNDS);
        assert_eq!(said.into_inner(), expect);
    }

    #[test]
    fn a_refusal_ends_the_measurement() {
        let refuse = || Err::<(), _>(std::io::Error::other("no"));
        let refused = side_by_side(1, &mut [Way::new("a", refuse)]);
        assert!(matches!(refused, Err(BenchError::Kernel(_))));
    }
}
