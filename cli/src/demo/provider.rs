//! The data provider's part.

use enclave::client::v1::{Dataset, DatasetFormat, RegisterDatasetHeader, TextEncoding};
use lineage::Duty;

use super::files::{TABLES, TableFiles};
use super::telling::{Telling, Told};
use super::world::{World, organisation};
use crate::caller::Connected;
use crate::language::{Text, text};
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

/// Registers both tables.
pub(super) async fn register(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let (id, name) = organisation(Duty::Provider);
    let title = text!(
        "The data provider {id} ({name}) registers two linked tables, every column classified",
        "数据提供单位{name}（{id}）登记两张关联的表，逐列分类分级"
    );
    let work = async {
        let connected = world.connect(Duty::Provider).await?;
        let mut lines = Vec::new();
        for table in &TABLES {
            lines.push(told(&send(&connected, table).await?));
        }
        lines.push(text!(
            "each column lies encrypted under a key of its own",
            "每一列均以独立密钥加密存放"
        ));
        Ok(Told::new((), lines))
    };
    telling.step(title, work).await
}

async fn send(connected: &Connected, table: &TableFiles) -> Result<Dataset, Problem> {
    let header = RegisterDatasetHeader {
        parent: connected.parent(),
        dataset_id: table.dataset.to_owned(),
        schema: table.schema.to_owned(),
        format: DatasetFormat::Csv.into(),
        encoding: TextEncoding::Auto.into(),
        separator: ",".to_owned(),
        request_id: format!("demo-register-{}", table.dataset),
        sheet: String::new(),
    };
    connected
        .client
        .register_dataset(header, table.csv)
        .await?
        .dataset
        .answered()
}

fn told(dataset: &Dataset) -> Text {
    let (name, rows, version) = (&dataset.name, dataset.rows, dataset.version);
    let (columns, encoding) = (dataset.columns.len(), wire::encoding(dataset));
    text!(
        "{name}: version {version}, {rows} rows, {columns} columns, read as {encoding}",
        "{name}：版本 {version}，{rows} 行，{columns} 列，编码 {encoding}"
    )
}
