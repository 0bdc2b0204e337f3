//! Whether this host can jail: every layer tried for real, then a few attacks on the result.

use std::ffi::OsStr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::canary::Canary;
use crate::fix::{Switches, fix};
use crate::{InForce, Launch, LaunchError, Layer, Limits, Missing, Text};

/// A probe's account of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probed {
    pub(crate) in_force: Vec<InForce>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) canaries: Vec<Canary>,
}

/// What was found of one layer or one attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The layer is in force, or the attack was stopped.
    Holds,
    /// It is not, or it was not. No job runs on this host.
    Fails,
    /// Not tried, since a layer before it is missing.
    NotReached,
}

/// One line of the doctor's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The layer's name, `start`, or `attack: …`.
    pub subject: String,
    /// Whether jobs refuse to run without it; true for every row, since no layer can be turned off.
    pub required: bool,
    /// What was found.
    pub result: Verdict,
    /// What is in force, or the step and the kernel's error.
    pub detail: String,
    /// How to fix it, when there is something to fix.
    pub fix: Option<Text>,
}

/// The doctor's findings, in the order of the layers and then of the attacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doctor {
    /// All lines.
    pub rows: Vec<Row>,
}

impl Doctor {
    /// Whether jobs can run on this host.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.rows.iter().all(|row| row.result == Verdict::Holds)
    }
}

/// Tries every layer by starting `program argument`, a program that calls [`crate::enter`], as a probe; it goes on to
/// the next layer after one that fails, runs no job, and attacks its own jail when all layers hold.
///
/// Never fails itself: a probe that cannot be started is a row that says why.
#[must_use]
pub fn doctor(program: &Path, argument: &OsStr) -> Doctor {
    let launch = Launch {
        program: program.to_owned(),
        argument: argument.to_owned(),
        limits: Limits::default(),
        inputs: Vec::new(),
    };
    let rows = match launch.probe() {
        Ok(probed) => rows(&probed, Switches::read()),
        Err(error) => vec![not_started(&error)],
    };
    Doctor { rows }
}

fn rows(probed: &Probed, switches: Switches) -> Vec<Row> {
    let layers = Layer::ALL.map(|layer| layer_row(layer, probed, switches));
    layers
        .into_iter()
        .chain(probed.canaries.iter().map(attack_row))
        .collect()
}

fn layer_row(layer: Layer, probed: &Probed, switches: Switches) -> Row {
    let (result, detail, fix) =
        if let Some(missing) = probed.missing.iter().find(|missing| missing.layer == layer) {
            (
                Verdict::Fails,
                missing.to_string(),
                Some(fix(missing, switches)),
            )
        } else if let Some(found) = probed.in_force.iter().find(|found| found.layer == layer) {
            (Verdict::Holds, found.detail.clone(), None)
        } else {
            (
                Verdict::NotReached,
                "a layer before it is missing".to_owned(),
                None,
            )
        };
    Row {
        subject: layer.name().to_owned(),
        required: true,
        result,
        detail,
        fix,
    }
}

fn attack_row(canary: &Canary) -> Row {
    let fix = (!canary.stopped).then(|| {
        Text::new(
            "the layers are in force and yet this went through: do not run jobs here, and report the kernel's version",
            "各层均已生效，但该尝试仍然成功：请勿在本机运行作业，并报告内核版本",
        )
    });
    Row {
        subject: format!("attack: {}", canary.name),
        required: true,
        result: if canary.stopped {
            Verdict::Holds
        } else {
            Verdict::Fails
        },
        detail: canary.detail.clone(),
        fix,
    }
}

fn not_started(error: &LaunchError) -> Row {
    Row {
        subject: "start".to_owned(),
        required: true,
        result: Verdict::Fails,
        detail: error.to_string(),
        fix: Some(Text::new(
            "the worker program did not start or did not answer: check that it can be executed by this user and that \
             processes and memory are left",
            "工作进程未能启动或没有应答：请检查当前用户能否执行该程序，以及进程数与内存是否充足",
        )),
    }
}
