//! `bucket`: numbers to the lower bound of their interval.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Float64Type},
};

use super::{
    Column, Kernel, Sentence,
    round::whole_step,
    whole::{Whole, above_multiple},
};
use crate::{Fault, Number, Phrase, Unsuitable, broken::Broken, phrase::said, rewrite};

/// Edges of a list at most; a finer one hides little and is written as a width.
pub const BUCKET_EDGES_MAX: usize = 256;
/// Largest multiple that a double counts one by one.
const EXACT_MULTIPLES: f64 = 9_007_199_254_740_992.0;
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a number whose bucket begins within the type",
    "所在区间的下界不超出本列类型的数",
);

/// Replaces each number by the lower bound of its bucket, in the column's own type.
///
/// Numbers below the first edge of a list, NaN, infinities, and numbers whose bucket begins outside the type are broken
/// input. What a reader learns: the bucket. Not reversible.
///
/// ```
/// use arrow::{array::{AsArray, Int64Array}, datatypes::{DataType, Field, Int64Type}};
/// use desensitize::{Bucket, BucketEdges, ColumnRecipe, Technique, Transform};
///
/// let field = Field::new("age", DataType::Int64, false);
/// let edges = BucketEdges::Edges(vec![0.into(), 18.into(), 60.into()]);
/// let recipe = ColumnRecipe::new("age", Technique::Bucket(Bucket { edges }));
/// let (ages, _) = Transform::compile(&recipe, &field, None)?.apply(&Int64Array::from(vec![17, 18, 99]), 1)?;
/// assert_eq!(ages.as_primitive::<Int64Type>().values(), &[0, 18, 60]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Where buckets begin; from the policy, never from the data seen.
    pub edges: BucketEdges,
}

/// Where buckets begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BucketEdges {
    /// Buckets `[origin + k·width, origin + (k+1)·width)`.
    Width {
        /// Width of a bucket, above zero.
        width: Number,
        /// A bound of one bucket.
        origin: Number,
    },
    /// Buckets from each edge to the next, the last without end; at least two edges, in rising order.
    Edges(Vec<Number>),
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.edges {
            BucketEdges::Width { width, origin } => write!(f, "of {width} from {origin}"),
            BucketEdges::Edges(edges) => {
                f.write_str("from")?;
                edges.iter().try_for_each(|edge| write!(f, " {edge}"))
            }
        }
    }
}

impl Bucket {
    pub(crate) fn learnable(&self) -> Sentence {
        match &self.edges {
            BucketEdges::Width { width, .. } => Sentence::new(
                format!("the interval of width {width}"),
                format!("泛化：可知所在区间（宽 {width}）"),
            ),
            BucketEdges::Edges(edges) => Sentence::new(
                format!("which of {} intervals", edges.len()),
                format!("泛化：可知属于 {} 个区间中的哪一个", edges.len()),
            ),
        }
    }

    pub(crate) fn interval(&self) -> String {
        match &self.edges {
            BucketEdges::Width { width, .. } => format!("v stands for [v, v + {width})"),
            BucketEdges::Edges(_) => {
                "v stands for all from it to below the next edge, the last edge for all from it on"
                    .to_owned()
            }
        }
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let float = *column.field.data_type() == DataType::Float64;
        let whole = Whole::number(column.field.data_type());
        if !float && whole.is_none() {
            let accepts = Phrase::new(
                "numbers (Int64, Float64, Decimal128)",
                "数值列（Int64、Float64、Decimal128）",
            );
            return Err(column.wrong_type(
                accepts,
                Phrase::new("generalize or truncate", "generalize 或 truncate"),
            ));
        }
        self.check(column)?;
        match (&self.edges, whole) {
            (BucketEdges::Width { width, origin }, Some(unit)) => Ok(Box::new(WidthKernel {
                unit,
                width: whole_step(*width, unit.scale(), column)?,
                origin: whole_step(*origin, unit.scale(), column)?,
            })),
            (BucketEdges::Width { width, origin }, None) => {
                Ok(Box::new(FloatWidthKernel(FloatSteps::new(*width, *origin))))
            }
            (BucketEdges::Edges(edges), Some(unit)) => {
                let edges = edges
                    .iter()
                    .map(|edge| whole_step(*edge, unit.scale(), column));
                let edges = edges.collect::<Result<_, _>>()?;
                Ok(Box::new(EdgesKernel { unit, edges }))
            }
            (BucketEdges::Edges(edges), None) => {
                let edges = edges.iter().map(|edge| edge.to_f64()).collect();
                Ok(Box::new(FloatEdgesKernel { edges }))
            }
        }
    }

    fn check(&self, column: &Column<'_>) -> Result<(), Unsuitable> {
        match &self.edges {
            BucketEdges::Width { width, .. } if !width.is_positive() => {
                Err(column.parameter(said!("needs a width above zero, such as `width: 5`", "需要大于零的宽度，例如 `width: 5`")))
            }
            BucketEdges::Edges(edges)
                if edges.len() < 2
                    || edges.len() > BUCKET_EDGES_MAX
                    || !edges.is_sorted_by(|low, high| low < high) =>
            {
                Err(column.parameter(said!(
                    "needs 2 to {BUCKET_EDGES_MAX} edges in rising order, such as `edges: [0, 18, 60]`", "需要 2 至 {BUCKET_EDGES_MAX} 个递增的界，例如 `edges: [0, 18, 60]`"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Whole numbers to the lower bound of buckets of one width.
struct WidthKernel {
    unit: Whole,
    width: i128,
    origin: i128,
}

impl WidthKernel {
    fn lower(&self, value: i128) -> Option<i128> {
        let from_origin = value.checked_sub(self.origin)?;
        value.checked_sub(above_multiple(from_origin, self.width))
    }
}

impl Kernel for WidthKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        self.unit
            .map(column, broken, EXPECTED, |value| self.lower(value))
    }
}

/// Whole numbers to the greatest edge that is not above them.
struct EdgesKernel {
    unit: Whole,
    edges: Vec<i128>,
}

impl EdgesKernel {
    fn lower(&self, value: i128) -> Option<i128> {
        let next = self.edges.partition_point(|edge| *edge <= value);
        self.edges.get(next.checked_sub(1)?).copied()
    }
}

impl Kernel for EdgesKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        self.unit
            .map(column, broken, EXPECTED, |value| self.lower(value))
    }
}

/// The multiples of a width, counted from an origin, among doubles.
pub(crate) struct FloatSteps {
    width: f64,
    origin: f64,
    /// A power of ten under both, so that a bound is rounded once: 0.1 + 2·0.1 gives 0.3.
    denominator: f64,
}

impl FloatSteps {
    pub(crate) fn new(width: Number, origin: Number) -> Self {
        let (width, origin) = (width.as_ratio(), origin.as_ratio());
        let denominator = width.1.max(origin.1);
        Self {
            width: width.0 * (denominator / width.1),
            origin: origin.0 * (denominator / origin.1),
            denominator,
        }
    }

    /// The greatest multiple that is not above the value; none where doubles no longer tell multiples apart.
    pub(crate) fn lower(&self, value: f64) -> Option<f64> {
        let guess = ((value * self.denominator - self.origin) / self.width).floor();
        // The guess is rounded and may be one off; so that a bound is its own representative, ask the bounds.
        let multiple = match () {
            () if self.at(guess) > value => guess - 1.0,
            () if self.at(guess + 1.0) <= value => guess + 1.0,
            () => guess,
        };
        let lower = self.at(multiple);
        (multiple.abs() < EXACT_MULTIPLES && lower.is_finite()).then_some(lower)
    }

    fn at(&self, multiple: f64) -> f64 {
        // Adding 0.0 turns a negative zero, which would tell the sign of what was dropped, into zero.
        (self.origin + multiple * self.width) / self.denominator + 0.0
    }
}

/// Floats to the lower bound of buckets of one width.
struct FloatWidthKernel(FloatSteps);

impl Kernel for FloatWidthKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Float64Type>(column, broken, EXPECTED, |value| self.0.lower(value))
    }
}

/// Floats to the greatest edge that is not above them.
struct FloatEdgesKernel {
    edges: Vec<f64>,
}

impl FloatEdgesKernel {
    fn lower(&self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let next = self.edges.partition_point(|edge| *edge <= value);
        self.edges.get(next.checked_sub(1)?).copied()
    }
}

impl Kernel for FloatEdgesKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Float64Type>(column, broken, EXPECTED, |value| self.lower(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fives(width: i128, origin: i128) -> WidthKernel {
        WidthKernel {
            unit: Whole::Integer,
            width,
            origin,
        }
    }

    fn steps(width: &str, origin: &str) -> FloatSteps {
        FloatSteps::new(width.parse().unwrap(), origin.parse().unwrap())
    }

    #[test]
    fn lower_bounds_below_zero_too() {
        for (value, expect) in [(0, 0), (4, 0), (5, 5), (-1, -5), (-5, -5), (-6, -10)] {
            assert_eq!(fives(5, 0).lower(value), Some(expect), "{value}");
        }
        assert_eq!(fives(10, 3).lower(2), Some(-7));
        assert_eq!(fives(10, 3).lower(3), Some(3));
        assert_eq!(fives(10, 3).lower(i128::MIN), None);
    }

    #[test]
    fn a_float_bound_is_its_own_representative() {
        for tenth in ["0.1", "0.3", "0.7", "-0.3", "1.1", "8.7", "1000000.1"] {
            let value: f64 = tenth.parse().unwrap();
            assert_eq!(steps("0.1", "0").lower(value), Some(value), "{tenth}");
            assert_eq!(steps("0.1", "0.1").lower(value), Some(value), "{tenth}");
        }
        assert_eq!(steps("0.1", "0").lower(0.35), Some(0.3));
        assert_eq!(steps("0.1", "0").lower(f64::NAN), None);
        assert_eq!(steps("0.1", "0").lower(f64::MAX), None);
        assert!(
            steps("5", "0")
                .lower(-0.0)
                .is_some_and(|zero| zero.is_sign_positive())
        );
    }

    #[test]
    fn lists_have_no_bucket_below_their_first_edge() {
        let kernel = EdgesKernel {
            unit: Whole::Integer,
            edges: vec![0, 18, 60],
        };
        for (value, expect) in [
            (-1, None),
            (0, Some(0)),
            (17, Some(0)),
            (18, Some(18)),
            (999, Some(60)),
        ] {
            assert_eq!(kernel.lower(value), expect, "{value}");
        }
        let floats = FloatEdgesKernel {
            edges: vec![0.0, 18.5],
        };
        assert_eq!(floats.lower(18.5), Some(18.5));
        assert_eq!(floats.lower(f64::INFINITY), None);
        assert_eq!(floats.lower(f64::NAN), None);
    }

    proptest! {
        /// The reference twin walks down one unit at a time.
        #[test]
        fn widths_agree_with_walking(value in -3_000i128..3_000, width in 1i128..100, origin in -50i128..50) {
            let expect = (0..width).map(|down| value - down).find(|lower| (lower - origin) % width == 0);
            prop_assert_eq!(fives(width, origin).lower(value), expect);
        }

        /// The reference twin asks every edge.
        #[test]
        fn edges_agree_with_asking_each(value in -60i128..60, edges in prop::collection::btree_set(-50i128..50, 2..9)) {
            let expect = edges.iter().copied().filter(|edge| *edge <= value).max();
            let kernel = EdgesKernel { unit: Whole::Integer, edges: edges.into_iter().collect() };
            prop_assert_eq!(kernel.lower(value), expect);
        }

        #[test]
        fn float_buckets_hold_their_value_and_are_idempotent(value in -1e9f64..1e9, width in 1i32..1_000) {
            let width = format!("{}.{:02}", width / 100, width % 100);
            prop_assume!(width != "0.00");
            let steps = steps(&width, "0.05");
            let lower = steps.lower(value).unwrap();
            prop_assert!(lower <= value && value < lower + width.parse::<f64>().unwrap() * (1.0 + 1e-6));
            prop_assert_eq!(steps.lower(lower), Some(lower));
        }
    }
}
