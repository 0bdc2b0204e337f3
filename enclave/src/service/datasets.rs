//! Data sets on the wire: register, get, list.

use super::calls::{Calls, call, given, log_entry, missing, reading, time};
use super::outcome::Outcome;
use super::principal;
use super::reason::Reason;
use super::upload::receive;
use crate::intake::{Encoding, EncodingChoice, Format};
use crate::operations::{DatasetDescription, Enclave, Failure, PAGE_DATASETS_MAX, RegisterDataset};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karez_proto::v1;
use karez_proto::v1::dataset_service_server::DatasetService;
use karez_proto::v1::register_dataset_request::Part;
use lineage::{EventBody, Leaf};
use tonic::{Request, Response, Status, Streaming};

/// Data sets per page unless asked otherwise.
const PAGE_DEFAULT: usize = 100;

#[tonic::async_trait]
impl DatasetService for Calls {
    async fn register_dataset(
        &self,
        request: Request<Streaming<v1::RegisterDatasetRequest>>,
    ) -> Result<Response<v1::RegisterDatasetResponse>, Status> {
        let caller = principal(&request)?.clone();
        let mut parts = request.into_inner();
        let first = parts.message().await?.and_then(|message| message.part);
        let Some(Part::Header(mut header)) = first else {
            return Err(missing("header").into());
        };
        given("request_id", &header.request_id)?;
        let format = format(&header)?;
        let asking = (caller.actor().clone(), header.clone());
        self.run(move |enclave| {
            let (actor, header) = asking;
            enclave.may_register(&actor, &header.parent, &header.dataset_id)
        })
        .await?;
        let uploaded = receive(self, parts).await?;
        let call = call(&caller, &mut header, uploaded.digest.as_bytes())?;
        let answer = self.run(move |enclave| {
            let request = RegisterDataset {
                parent: header.parent,
                dataset_id: header.dataset_id,
                schema: header.schema,
                format,
                file: uploaded.file,
            };
            let leaf = enclave.register_dataset(&call, request)?;
            registered(enclave, &leaf)
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_dataset(
        &self,
        request: Request<v1::GetDatasetRequest>,
    ) -> Result<Response<v1::GetDatasetResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let dataset =
            self.run(move |enclave| dataset(&enclave.describe_dataset(&caller, &asked.name)?));
        let dataset = Some(dataset.await?);
        Ok(Response::new(v1::GetDatasetResponse { dataset }))
    }

    async fn list_datasets(
        &self,
        request: Request<v1::ListDatasetsRequest>,
    ) -> Result<Response<v1::ListDatasetsResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("parent", &asked.parent)?;
        let page = match asked.page_size {
            0 => PAGE_DEFAULT,
            size => usize::try_from(size).unwrap_or(PAGE_DATASETS_MAX),
        };
        let (log_size, after) = match asked.page_token.as_str() {
            "" => (0, String::new()),
            token => page_start(token)?,
        };
        let answer = self.run(move |enclave| {
            let listed = enclave.list_datasets(&caller, &asked.parent, &after, page, log_size)?;
            let token = |after: String| page_token(listed.log_size, &after);
            Ok(v1::ListDatasetsResponse {
                datasets: listed
                    .datasets
                    .iter()
                    .map(dataset)
                    .collect::<Result<_, _>>()?,
                next_page_token: listed.next_after.map(token).unwrap_or_default(),
                log_size: listed.log_size,
            })
        });
        Ok(Response::new(answer.await?))
    }
}

fn page_token(log_size: u64, after: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{log_size} {after}"))
}

fn page_start(token: &str) -> Result<(u64, String), Outcome> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let read = text.as_deref().and_then(|text| {
        let (log_size, after) = text.split_once(' ')?;
        Some((log_size.parse().ok()?, after.to_owned()))
    });
    read.ok_or_else(|| {
        let message = "`page_token` is not one that this service gave; start with an empty one";
        Outcome::new(Reason::FieldInvalid, message).with("field", "page_token")
    })
}

/// How the file is written, as the header says.
fn format(header: &v1::RegisterDatasetHeader) -> Result<Format, Outcome> {
    let invalid = |field: &'static str, message: &str| {
        Outcome::new(Reason::FieldInvalid, message).with("field", field)
    };
    match header.format() {
        v1::DatasetFormat::Unspecified => Err(missing("format")),
        v1::DatasetFormat::Parquet => {
            let plain =
                header.encoding() == v1::TextEncoding::Unspecified && header.separator.is_empty();
            match plain {
                true => Ok(Format::Parquet),
                false => Err(invalid(
                    "encoding",
                    "Parquet has neither `encoding` nor `separator`; leave them out",
                )),
            }
        }
        v1::DatasetFormat::Xlsx => {
            let plain =
                header.encoding() == v1::TextEncoding::Unspecified && header.separator.is_empty();
            match plain {
                true => Ok(Format::Spreadsheet {
                    sheet: Some(header.sheet.clone()).filter(|sheet| !sheet.is_empty()),
                }),
                false => Err(invalid(
                    "encoding",
                    "a spreadsheet has neither `encoding` nor `separator`; leave them out",
                )),
            }
        }
        v1::DatasetFormat::Csv => {
            let encoding = match header.encoding() {
                v1::TextEncoding::Unspecified | v1::TextEncoding::Auto => EncodingChoice::Auto,
                v1::TextEncoding::Utf8 => EncodingChoice::Fixed(Encoding::Utf8),
                v1::TextEncoding::Gb18030 => EncodingChoice::Fixed(Encoding::Gb18030),
            };
            let separator = match header.separator.as_bytes() {
                [] => None,
                [one] => Some(*one),
                _ => return Err(invalid("separator", "`separator` is one ASCII character")),
            };
            Ok(Format::Csv {
                encoding,
                separator,
            })
        }
    }
}

/// The answer to a registration, out of the leaf that answers it.
fn registered(enclave: &Enclave, leaf: &Leaf) -> Result<v1::RegisterDatasetResponse, Failure> {
    let EventBody::DatasetRegistered(body) = &leaf.body else {
        return Err(Failure::internal("answer"));
    };
    let described = enclave.dataset_at(&body.dataset, body.version)?;
    Ok(v1::RegisterDatasetResponse {
        dataset: Some(dataset(&described)?),
        log_entry: Some(log_entry(leaf)?),
    })
}

fn dataset(described: &DatasetDescription) -> Result<v1::Dataset, Failure> {
    let (revision, schema) = (&described.revision, &described.schema);
    let state = match described.available {
        true => v1::DatasetState::Available,
        false => v1::DatasetState::Unavailable,
    };
    let encoding = match revision.encoding.as_str() {
        "utf-8" => v1::TextEncoding::Utf8,
        "gb18030" => v1::TextEncoding::Gb18030,
        _ => v1::TextEncoding::Unspecified,
    };
    Ok(v1::Dataset {
        name: described.name.clone(),
        state: state.into(),
        version: revision.version,
        provider: described.provider.clone(),
        columns: schema.columns().iter().map(column).collect(),
        units: schema
            .units()
            .iter()
            .map(|unit| unit.name.to_string())
            .collect(),
        schema_digest: revision.schema_digest.to_string(),
        labels_digest: revision.labels_digest.to_string(),
        rows: revision.rows,
        encoding: encoding.into(),
        separator: revision.separator.clone().unwrap_or_default(),
        rejected_cells: revision.rejected_cells,
        register_time: Some(time(described.registered.time)),
        log_entry: Some(log_entry(&described.registered)?),
    })
}

fn column(column: &policy::Column) -> v1::Column {
    v1::Column {
        name: column.name.to_string(),
        r#type: column.column_type.to_string(),
        nullable: column.nullable,
        kind: column.kind.to_string(),
        level: column.level.to_string(),
        unit: column
            .unit
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}
