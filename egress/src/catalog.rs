//! What the planner can see: schemas of the governed tables and the listed functions, no data, no
//! session, no files, no variables.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, TableReference, plan_err};
use datafusion::functions::core::planner::CoreFunctionPlanner;
use datafusion::functions::datetime::planner::DatetimeFunctionPlanner;
use datafusion::functions::unicode::planner::UnicodeFunctionPlanner;
use datafusion::functions_aggregate::planner::AggregateFunctionPlanner;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};

use crate::functions;
use crate::governance::{Governance, GovernedTable, TableName};

/// A governed table as the planner sees it: a schema and nothing else.
#[derive(Debug)]
pub(crate) struct GovernedSource {
    pub(crate) table: GovernedTable,
    schema: SchemaRef,
}

impl GovernedSource {
    /// What the requester's SQL sees.
    pub(crate) fn visible(table: &GovernedTable) -> Arc<dyn TableSource> {
        Arc::new(Self {
            schema: table.visible_schema(),
            table: table.clone(),
        })
    }

    /// What the governed plan sees: the hidden unit columns too.
    pub(crate) fn with_units(table: &GovernedTable) -> Arc<dyn TableSource> {
        Arc::new(Self {
            schema: table.barrier_schema(),
            table: table.clone(),
        })
    }
}

impl TableSource for GovernedSource {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// The planner's window on the governance.
pub(crate) struct Catalog<'a> {
    governance: &'a Governance,
    options: ConfigOptions,
    planners: Vec<Arc<dyn ExprPlanner>>,
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(governance: &'a Governance) -> Self {
        Self {
            governance,
            options: ConfigOptions::default(),
            planners: vec![
                Arc::new(CoreFunctionPlanner::default()),
                Arc::new(DatetimeFunctionPlanner),
                Arc::new(UnicodeFunctionPlanner),
                Arc::new(AggregateFunctionPlanner),
            ],
        }
    }
}

impl ContextProvider for Catalog<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let TableReference::Partial { schema, table } = &name else {
            return plan_err!("unknown table");
        };
        let wanted = TableName::new(schema.as_ref(), table.as_ref());
        match self.governance.tables.iter().find(|t| t.name() == wanted) {
            Some(table) => Ok(GovernedSource::visible(table)),
            None => plan_err!("unknown table"),
        }
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        functions::scalar(name)
    }

    fn get_higher_order_meta(&self, _name: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        functions::aggregate(name)
    }

    fn get_window_meta(&self, _name: &str) -> Option<Arc<WindowUDF>> {
        None
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        [functions::TOTAL, functions::PUBLISHED]
            .concat()
            .into_iter()
            .map(ToOwned::to_owned)
            .collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        functions::AGGREGATES
            .iter()
            .map(|n| (*n).to_owned())
            .collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}
