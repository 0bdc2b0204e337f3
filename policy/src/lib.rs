//! May this principal do this, and under which obligations?
//!
//! Two things live here and never mix. [`authorise`](authorise()) decides with Cedar *who may do what, now*: principal, duty,
//! organisation, state of the resource. [`ScenarioPolicy`] is the typed document that says *what data may look like*:
//! row filters, uses and techniques per column, the sample's recipe and the output's contract. [`DatasetSchema`] is the
//! provider's file with the types and labels that such a document is [checked](check()) against.
//!
//! This crate never sees a row, a file, a clock or the network: texts come in, typed values or faults come out.

pub mod authorise;
mod canonical;
pub mod check;
pub mod decimal;
pub mod document;
pub mod fault;
pub mod literal;
pub mod name;
pub mod principal;
mod read;
pub mod resource;
pub mod rows;
pub mod schema;
mod suggest;
mod tree;
mod words;

pub use authorise::{Action, Context, Decision, Denial, Kind, Permit, Resource, State, authorise};
pub use check::{CheckedDataset, CheckedPolicy, check};
pub use decimal::Decimal;
pub use document::{
    ColumnPolicy, DatasetPolicy, OutputContract, SampleRecipe, ScenarioPolicy, Technique, Use,
};
pub use fault::{Fault, FaultKind, Faults, Lang, Place};
pub use literal::Literal;
pub use name::{
    ColumnName, DatasetId, JobId, Organisation, ProductId, SampleId, ScenarioId, Tenant, UnitName,
};
pub use principal::{Duty, Principal};
pub use resource::ResourceName;
pub use rows::RowFilter;
pub use schema::{Column, ColumnType, DatasetSchema, Kind as ColumnKind, Level, Unit, UnitPath};
