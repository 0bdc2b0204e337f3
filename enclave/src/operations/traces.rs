//! Traces: whose copy of a sample some found values come from.

use desensitize::mark::{Fit, bits_needed};
use lineage::event::SampleTraced;
use lineage::{Actor, EventBody, Leaf};
use policy::{Action, Kind};

use super::access::Admitted;
use super::{Call, Enclave, Failure, Reason};
use crate::registry::Copy;

/// The most values of one trace; a thousand rows have far fewer that carry a mark.
pub const TRACE_VALUES_MAX: usize = 100_000;
/// The longest value that is looked at, in bytes; no surrogate that carries a mark is longer.
pub const TRACE_VALUE_BYTES_MAX: usize = 64;

/// What a trace came to.
#[derive(Debug)]
pub struct Trace {
    /// Every copy that had been made, the likeliest first.
    pub copies: Vec<TracedCopy>,
    /// Values of the sample that were found, each counted once.
    pub values_found: u64,
    /// The evidence that is enough to tell, in bits.
    pub bits_needed: f64,
    /// The entry of the trace.
    pub entry: Leaf,
}

/// How well the values fit one copy.
#[derive(Debug)]
pub struct TracedCopy {
    /// The person.
    pub recipient: Actor,
    /// The mark's public name.
    pub mark: String,
    /// How well they fit.
    pub fit: Fit,
    /// Whether that is enough.
    pub told: bool,
    /// The entry that made the copy.
    pub copied: Leaf,
}

impl Enclave {
    /// Tells whose copy of a sample some values come from; the answer is itself on the log.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::NotFound`]; [`Reason::LimitExceeded`] for too many values.
    pub fn trace_sample(
        &self,
        call: &Call,
        sample: &str,
        values: &[String],
    ) -> Result<Trace, Failure> {
        let _in_flight = self.take(call)?;
        if values.len() > TRACE_VALUES_MAX {
            return Err(Failure::new(
                Reason::LimitExceeded,
                format!(
                    "{} values are more than {TRACE_VALUES_MAX}; a thousand rows are enough",
                    values.len()
                ),
                format!("值的数量超过 {TRACE_VALUES_MAX}；一千行即可"),
            ));
        }
        let resource = self.resource(Kind::Sample, sample)?;
        let before = {
            let admission = self.admission();
            match self.admit(&admission, call, Action::SampleTrace, &resource, true)? {
                Admitted::Before(leaf) => Some(*leaf),
                Admitted::Now(_) => None,
            }
        };
        let release = self.release_of(sample)?;
        let (marks, _) = self.observed(&release)?;
        let short = values
            .iter()
            .filter(|value| value.len() <= TRACE_VALUE_BYTES_MAX);
        let evidence = marks.evidence(short.map(String::as_str));
        let as_of = before.as_ref().map_or(u64::MAX, |leaf| leaf.seq);
        let made = self.read(|registry| registry.sample(sample).map(|one| one.copies.clone()));
        let made = made.unwrap_or_default().into_iter();
        let copies: Vec<Copy> = made.filter(|copy| copy.seq < as_of).collect();
        let needed = bits_needed(copies.len());
        let mut traced = Vec::new();
        for copy in copies {
            let fit = marks.fit(&copy.recipient.to_string(), &evidence);
            traced.push(TracedCopy {
                told: fit.bits >= needed,
                recipient: copy.recipient,
                mark: copy.mark,
                fit,
                copied: self.leaf(copy.seq)?,
            });
        }
        traced.sort_by(|a, b| b.fit.bits.total_cmp(&a.fit.bits));
        let entry = match before {
            Some(leaf) => leaf,
            None => {
                let body = self.traced(sample, values, evidence.values(), &traced)?;
                self.answer(&self.admission(), call, body)?
            }
        };
        Ok(Trace {
            copies: traced,
            values_found: evidence.values(),
            bits_needed: needed,
            entry,
        })
    }

    fn traced(
        &self,
        sample: &str,
        values: &[String],
        values_found: u64,
        traced: &[TracedCopy],
    ) -> Result<EventBody, Failure> {
        let salt = self.shared.keys.source_salt(&self.shared.tenant)?;
        let parts: Vec<&[u8]> = values.iter().map(String::as_bytes).collect();
        let told = traced.iter().filter(|copy| copy.told);
        let mut told: Vec<u64> = told.map(|copy| copy.copied.seq).collect();
        told.sort_unstable();
        Ok(SampleTraced {
            sample: sample.to_owned(),
            values_digest: salt.digest(&parts),
            values_found,
            told,
        }
        .into())
    }
}
