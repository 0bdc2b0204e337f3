//! Short names, as a person types them, and the full names that the service knows.

use clap::builder::{TypedValueParser as _, ValueParserFactory};
use lineage::name::is_segment;

use crate::language::text;
use crate::problem::Problem;

/// A name below one tenant, still without it: `datasets/ybj/claims`, or a full name of any tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    path: String,
}

impl Name {
    fn full(&self, tenant: &str) -> String {
        match self.path.starts_with(TENANTS) {
            true => self.path.clone(),
            false => format!("{TENANTS}{tenant}/{}", self.path),
        }
    }
}

const TENANTS: &str = "tenants/";

/// Collections, each followed by as many identifiers as a name has below it.
const DATASET: &[(&str, usize)] = &[("datasets", 2)];
const SCENARIO: &[(&str, usize)] = &[("scenarios", 1)];
const SAMPLE: &[(&str, usize)] = &[("scenarios", 1), ("samples", 1)];
const REVERSAL: &[(&str, usize)] = &[("scenarios", 1), ("samples", 1), ("reversals", 1)];
const DATASET_DESTRUCTION: &[(&str, usize)] = &[("datasets", 2), ("destructions", 1)];
const SCENARIO_DESTRUCTION: &[(&str, usize)] = &[("scenarios", 1), ("destructions", 1)];
const PRODUCT: &[(&str, usize)] = &[("scenarios", 1), ("products", 1)];
const VERSION: &[(&str, usize)] = &[("scenarios", 1), ("products", 1), ("versions", 1)];
const JOB: &[(&str, usize)] = &[("scenarios", 1), ("jobs", 1)];

/// Declares a name type: how its short form is split, and how its full form looks.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $shape:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(Name);

        impl $name {
            /// The full name, completed with the caller's tenant when it was short.
            pub(crate) fn full(&self, tenant: &str) -> String {
                self.0.full(tenant)
            }

            fn parse(text: &str) -> Result<Self, String> {
                parse(text, $shape).map(Self).ok_or_else(|| format!("expected {}", $expected))
            }
        }

        impl ValueParserFactory for $name {
            type Parser = clap::builder::ValueParser;

            fn value_parser() -> Self::Parser {
                clap::builder::StringValueParser::new().try_map(|text| Self::parse(&text)).into()
            }
        }
    };
}

name! {
    /// A data set.
    Dataset, &[DATASET], "OWNER/TABLE, for example ybj/claims"
}
name! {
    /// A scenario.
    Scenario, &[SCENARIO], "a scenario, for example medical-spending"
}
name! {
    /// A sample.
    Sample, &[SAMPLE], "SCENARIO/ID of a sample"
}
name! {
    /// A reversal.
    Reversal, &[REVERSAL], "SCENARIO/SAMPLE/ID of a reversal"
}
name! {
    /// A key's destruction.
    Destruction, &[DATASET_DESTRUCTION, SCENARIO_DESTRUCTION], "OWNER/TABLE/ID or SCENARIO/ID of a destruction"
}
name! {
    /// A product, without a version.
    NewProduct, &[PRODUCT], "SCENARIO/PRODUCT, for example medical-spending/by-prefecture"
}
name! {
    /// A product, or one version of it.
    Product, &[VERSION, PRODUCT], "SCENARIO/PRODUCT, or SCENARIO/PRODUCT@2 for a version"
}
name! {
    /// One version of a product.
    ProductVersion, &[VERSION], "SCENARIO/PRODUCT@VERSION, for example medical-spending/by-prefecture@1"
}
name! {
    /// A job.
    Job, &[JOB], "SCENARIO/ID of a job"
}

/// Any resource by its name below the tenant, `scenarios/s/jobs/j`, or its full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource(String);

impl Resource {
    /// The full name, completed with the caller's tenant when it was short.
    pub(crate) fn full(&self, tenant: &str) -> String {
        Name {
            path: self.0.clone(),
        }
        .full(tenant)
    }
}

impl std::str::FromStr for Resource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = ["datasets/", "scenarios/", TENANTS]
            .iter()
            .any(|start| text.starts_with(start));
        match known && text.split('/').all(is_segment) {
            true => Ok(Self(text.to_owned())),
            false => Err(
                "expected datasets/OWNER/TABLE or scenarios/SCENARIO/…, for example \
                          scenarios/medical-spending/jobs/ID"
                    .to_owned(),
            ),
        }
    }
}

impl Scenario {
    /// The scenario's own identifier.
    pub(crate) fn id(&self) -> &str {
        self.0.path.rsplit('/').next().unwrap_or_default()
    }
}

impl Dataset {
    /// `OWNER/TABLE`.
    pub(crate) fn id(&self) -> &str {
        self.0.path.split_once("datasets/").map_or("", |(_, id)| id)
    }
}

impl NewProduct {
    /// The product's own identifier.
    pub(crate) fn id(&self) -> &str {
        self.0.path.rsplit('/').next().unwrap_or_default()
    }

    /// The scenario that it belongs to, in full.
    pub(crate) fn scenario(&self, tenant: &str) -> String {
        before(&self.full(tenant), "/products/")
    }
}

/// A version of a data set, `OWNER/TABLE@N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) dataset: Dataset,
    pub(crate) version: u64,
}

impl Pin {
    /// Reads `OWNER/TABLE@N`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected OWNER/TABLE@VERSION, for example ybj/claims@2".to_owned();
        let (dataset, version) = text.split_once('@').ok_or_else(expected)?;
        let version = version
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(expected)?;
        Ok(Self {
            dataset: Dataset::parse(dataset)?,
            version,
        })
    }
}

impl ProductVersion {
    /// The product without its version, in full.
    pub(crate) fn product(&self, tenant: &str) -> String {
        before(&self.full(tenant), "/versions/")
    }

    /// The number of the version.
    pub(crate) fn number(&self) -> Result<u64, Problem> {
        let number = self
            .0
            .path
            .rsplit('/')
            .next()
            .and_then(|number| number.parse().ok());
        number.ok_or_else(|| {
            let path = &self.0.path;
            Problem::usage(text!(
                "{path}: a version is a number",
                "{path}：版本应为数字"
            ))
        })
    }

    /// The scenario that the version belongs to, in full.
    pub(crate) fn scenario(&self, tenant: &str) -> String {
        before(&self.full(tenant), "/products/")
    }
}

fn before(name: &str, collection: &str) -> String {
    name.split_once(collection)
        .map_or(name, |(before, _)| before)
        .to_owned()
}

fn parse(text: &str, shapes: &[&[(&str, usize)]]) -> Option<Name> {
    shapes
        .iter()
        .find_map(|shape| full(text, shape).or_else(|| short(text, shape)))
}

/// `tenants/{t}/…` of exactly this shape.
fn full(text: &str, shape: &[(&str, usize)]) -> Option<Name> {
    let mut segments = text.split('/');
    (segments.next() == Some("tenants") && is_segment(segments.next()?)).then_some(())?;
    for (collection, identifiers) in shape {
        (segments.next()? == *collection).then_some(())?;
        for _ in 0..*identifiers {
            is_segment(segments.next()?).then_some(())?;
        }
    }
    let path = text.to_owned();
    segments.next().is_none().then_some(Name { path })
}

/// The identifiers alone, a version behind `@`.
fn short(text: &str, shape: &[(&str, usize)]) -> Option<Name> {
    let versioned = shape
        .last()
        .is_some_and(|(collection, _)| *collection == "versions");
    let text = match text.split_once('@') {
        Some((product, version)) if versioned => format!("{product}/{version}"),
        None if !versioned => text.to_owned(),
        _ => return None,
    };
    let mut given = text.split('/');
    let mut path = Vec::new();
    for (collection, identifiers) in shape {
        path.push(*collection);
        for _ in 0..*identifiers {
            path.push(given.next().filter(|segment| is_segment(segment))?);
        }
    }
    given.next().is_none().then(|| Name {
        path: path.join("/"),
    })
}

#[cfg(test)]
mod tests {
    //! Short and full names, and what is neither.
    use super::*;

    fn check<T>(
        parse: fn(&str) -> Result<T, String>,
        full: fn(&T) -> String,
        text: &str,
        expect: Option<&str>,
    ) {
        let found = parse(text).ok().map(|name| full(&name));
        assert_eq!(found.as_deref(), expect, "{text}");
    }

    #[test]
    fn datasets() {
        let check = |text, expect| check(Dataset::parse, |name| name.full("xj"), text, expect);
        check("ybj/claims", Some("tenants/xj/datasets/ybj/claims"));
        check(
            "tenants/yj/datasets/ybj/claims",
            Some("tenants/yj/datasets/ybj/claims"),
        );
        for bad in [
            "",
            "claims",
            "a/b/c",
            "YBJ/claims",
            "a//",
            "tenants/xj/scenarios/s",
            "../etc",
            "a/b@1",
        ] {
            check(bad, None);
        }
        assert_eq!(Dataset::parse("ybj/claims").unwrap().id(), "ybj/claims");
        assert_eq!(
            Dataset::parse("tenants/xj/datasets/ybj/claims")
                .unwrap()
                .id(),
            "ybj/claims"
        );
    }

    #[test]
    fn versions() {
        let check =
            |text, expect| check(ProductVersion::parse, |name| name.full("xj"), text, expect);
        let full = "tenants/xj/scenarios/s/products/p/versions/2";
        check("s/p@2", Some(full));
        check(full, Some(full));
        for bad in ["s/p", "s/p/2", "s@2", "s/p@", "s/p@2@3"] {
            check(bad, None);
        }
        let version = ProductVersion::parse("s/p@2").unwrap();
        assert_eq!(version.number().unwrap(), 2);
        assert_eq!(version.scenario("xj"), "tenants/xj/scenarios/s");
        assert!(ProductVersion::parse("s/p@two").unwrap().number().is_err());
    }

    #[test]
    fn a_product_is_named_with_or_without_a_version() {
        let check = |text, expect| check(Product::parse, |name| name.full("xj"), text, expect);
        check("s/p", Some("tenants/xj/scenarios/s/products/p"));
        check(
            "s/p@2",
            Some("tenants/xj/scenarios/s/products/p/versions/2"),
        );
        check("s", None);
    }

    #[test]
    fn pins() {
        let pin = Pin::parse("ybj/claims@2").unwrap();
        assert_eq!((pin.dataset.id(), pin.version), ("ybj/claims", 2));
        for bad in [
            "ybj/claims",
            "claims@1",
            "ybj/claims@0",
            "ybj/claims@x",
            "@1",
        ] {
            assert!(Pin::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn any_resource() {
        let resource = |text: &str| text.parse::<Resource>().map(|name| name.full("xj"));
        assert_eq!(
            resource("scenarios/s/jobs/j").unwrap(),
            "tenants/xj/scenarios/s/jobs/j"
        );
        assert_eq!(
            resource("tenants/yj/datasets/a/b").unwrap(),
            "tenants/yj/datasets/a/b"
        );
        for bad in ["s/j", "jobs/j", "", "scenarios/../x"] {
            assert!(resource(bad).is_err(), "{bad}");
        }
    }
}
