//! The developer's part.

use std::path::Path;

use enclave::client::v1::{RequestSampleRequest, SampleState};
use lineage::Duty;

use super::telling::{Telling, Told};
use super::world::{World, organisation, scenario_name};
use crate::command::sample::to_its_end;
use crate::fetch::fetch;
use crate::language::{Text, text};
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

/// Rows of the sample that are shown.
const ROWS_SHOWN: usize = 3;

/// The table of the sample that is shown.
const TABLE_SHOWN: &str = "ybj.persons.csv";

/// Asks for a sample, waits for it and fetches it.
pub(super) async fn sample(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let (id, name) = organisation(Duty::Developer);
    let title = text!(
        "The developer {id} ({name}) gets a sample: drawn by person across both tables, desensitised, small classes suppressed",
        "开发主体{name}（{id}）取得样本：按人跨表抽取并脱敏，过小的等价类已剔除"
    );
    let work = async {
        let connected = world.connect(Duty::Developer).await?;
        let request = RequestSampleRequest {
            parent: scenario_name(),
            request_id: "demo-sample".to_owned(),
        };
        let answer = connected
            .client
            .samples()
            .request_sample(request)
            .await?
            .into_inner();
        let sample = to_its_end(&connected, &answer.sample.answered()?.name).await?;
        if sample.state() != SampleState::Released {
            return Err(Problem::refused(sample.refusal.as_ref().map_or_else(
                || text!("the sample was not released", "样本未予发布"),
                wire::refusal_text,
            )));
        }
        let place = world.place("sample");
        fetch(&connected, &sample.name, &sample.files, None, &place).await?;
        Ok(Told::new((), told(sample.suppressed_units, &place)?))
    };
    telling.step(title, work).await
}

fn told(suppressed: u64, place: &Path) -> Result<Vec<Text>, Problem> {
    let shown = place.display();
    let mut lines = vec![
        text!(
            "{suppressed} persons left out, since too few others look like them",
            "因相似者过少而剔除 {suppressed} 人"
        ),
        text!(
            "files in {shown}, for example {TABLE_SHOWN}:",
            "文件位于 {shown}，例如 {TABLE_SHOWN}："
        ),
    ];
    let table = place.join(TABLE_SHOWN);
    let text = std::fs::read_to_string(&table).map_err(|error| Problem::file(&table, &error))?;
    lines.extend(
        text.trim_start_matches('\u{feff}')
            .lines()
            .take(ROWS_SHOWN + 1)
            .map(|row| text!("  {row}", "  {row}")),
    );
    Ok(lines)
}
