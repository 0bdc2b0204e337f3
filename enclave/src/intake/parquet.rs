//! Parquet as batches: columns by name, types only where nothing is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::file::metadata::PageIndexPolicy;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, SchemaRef, TimeUnit};
use policy::{ColumnType, DatasetSchema};

use super::columns::{check_header, match_names, own_schema};
use super::{BATCH_ROWS, IntakeError, Source, Tally, arrow_type, cell};

/// What every Parquet file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// What one with an encrypted footer begins and ends with.
const MAGIC_ENCRYPTED: &[u8] = b"PARE";
/// Magic, length of the footer, magic: no file is shorter.
const FILE_BYTES_MIN: u64 = 12;

/// A file of which no record could be read.
const DAMAGED: IntakeError = IntakeError::DamagedParquet { records: 0 };

/// Runs a step of the Parquet reader, which panics on some damaged files where it should return an error.
///
/// The reader is not used again after a panic, so that it does not matter in which state it was left.
fn guarded<T>(step: impl FnOnce() -> Result<T, ::parquet::errors::ParquetError>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(step)).ok()?.ok()
}

/// A stranger's Parquet file without a schema: its columns with the types that read them, and every cell as text.
pub struct ParquetText {
    reader: ParquetRecordBatchReader,
    columns: Vec<(String, ColumnType)>,
    schema: SchemaRef,
    rows: u64,
    ended: bool,
}

impl ParquetText {
    /// Reads the footer.
    ///
    /// # Errors
    /// The file is no Parquet or damaged, or has a column of a type that no schema has: the error names it.
    pub fn open(source: &Source) -> Result<Self, IntakeError> {
        let builder = footer(source)?;
        let names: Vec<String> = builder
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        check_header(&names)?;
        let fields = builder.schema().fields().iter();
        let typed = fields.map(|field| Ok((field.name().clone(), column_type(field)?)));
        let columns = typed.collect::<Result<Vec<_>, IntakeError>>()?;
        let texts = names
            .iter()
            .map(|name| Field::new(name, DataType::Utf8, true));
        let reader = guarded(|| builder.with_batch_size(BATCH_ROWS).build()).ok_or(DAMAGED)?;
        Ok(Self {
            reader,
            columns,
            schema: Arc::new(Schema::new(texts.collect::<Vec<_>>())),
            rows: 0,
            ended: false,
        })
    }

    /// The columns, and the type of a schema that reads each.
    #[must_use]
    pub fn columns(&self) -> &[(String, ColumnType)] {
        &self.columns
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>, IntakeError> {
        let damaged = || IntakeError::DamagedParquet { records: self.rows };
        let read = guarded(|| Ok(self.reader.next().transpose()?)).ok_or_else(damaged)?;
        let Some(read) = read else {
            return Ok(None);
        };
        let text = |array: &ArrayRef| {
            cast_with_options(array, &DataType::Utf8, &CastOptions::default())
                .map_err(|_| damaged())
        };
        let arrays = read.columns().iter().map(text);
        let arrays = arrays.collect::<Result<Vec<_>, IntakeError>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        let batch = batch.map_err(|_| damaged())?;
        self.rows += read.num_rows() as u64;
        Ok(Some(batch))
    }
}

impl Iterator for ParquetText {
    type Item = Result<RecordBatch, IntakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

/// The type of a schema that reads a column without loss.
fn column_type(field: &Field) -> Result<ColumnType, IntakeError> {
    let decimal = match field.data_type() {
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => u8::try_from(*s).ok().map(|scale| ColumnType::Decimal {
            precision: *p,
            scale,
        }),
        _ => None,
    };
    let plain = [
        ColumnType::Text,
        ColumnType::Integer,
        ColumnType::Float,
        ColumnType::Date,
        ColumnType::Timestamp,
        ColumnType::Boolean,
    ];
    let fits = |expected: &ColumnType| check_type(field, field.name(), *expected).is_ok();
    let found = decimal.or_else(|| plain.into_iter().find(fits));
    // The error of the first type says what the column is and what would be read.
    found.map_or_else(
        || check_type(field, field.name(), ColumnType::Text).map(|()| ColumnType::Text),
        Ok,
    )
}

/// Checks both ends and reads the footer.
fn footer(source: &Source) -> Result<ParquetRecordBatchReaderBuilder<Source>, IntakeError> {
    check_ends(source)?;
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Skip);
    let builder =
        guarded(|| ParquetRecordBatchReaderBuilder::try_new_with_options(source.clone(), options));
    builder.ok_or(DAMAGED)
}

/// Reads the footer and matches its columns to the schema.
pub(super) fn open(
    source: Source,
    schema: &DatasetSchema,
    tally: &Arc<Tally>,
) -> Result<Batches, IntakeError> {
    let builder = footer(&source)?;
    let rows_total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let header: Vec<String> = builder
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let places = match_names(&header, schema)?;
    let mut columns = Vec::new();
    for (column, place) in schema.columns().iter().zip(places) {
        let found = builder.schema().field(place);
        check_type(found, column.name.as_str(), column.column_type)?;
        columns.push(Column {
            name: column.name.to_string(),
            place,
            column_type: column.column_type,
            nullable: column.nullable,
        });
    }
    let reader = guarded(|| builder.with_batch_size(BATCH_ROWS).build()).ok_or(DAMAGED)?;
    let (tally, bytes) = (Arc::clone(tally), source.len());
    Ok(Batches {
        reader,
        columns,
        schema: own_schema(schema),
        tally,
        rows: 0,
        rows_total,
        bytes,
        ended: false,
    })
}

fn check_ends(source: &Source) -> Result<(), IntakeError> {
    use std::io::{Read, Seek, SeekFrom};
    let mut reader = source.reader();
    let mut start = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut start)?;
    if start == MAGIC_ENCRYPTED {
        return Err(IntakeError::EncryptedParquet);
    }
    if start != MAGIC {
        return Err(IntakeError::NotParquet);
    }
    let mut end = Vec::new();
    if source.len() >= FILE_BYTES_MIN {
        reader.seek(SeekFrom::End(-4))?;
        reader.read_to_end(&mut end)?;
    }
    if end == MAGIC {
        Ok(())
    } else {
        Err(IntakeError::TruncatedParquet)
    }
}

/// The types that become the schema's without losing anything.
fn check_type(found: &Field, column: &str, expected: ColumnType) -> Result<(), IntakeError> {
    let found = match found.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        other => other,
    };
    let fits = match expected {
        ColumnType::Text => matches!(
            found,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        ),
        ColumnType::Integer => found.is_integer(),
        ColumnType::Float => matches!(
            found,
            DataType::Float16
                | DataType::Float32
                | DataType::Float64
                | DataType::Int8
                | DataType::Int16
                | DataType::Int32
                | DataType::UInt8
                | DataType::UInt16
                | DataType::UInt32
        ),
        ColumnType::Decimal { scale, .. } => match found {
            DataType::Decimal32(_, s)
            | DataType::Decimal64(_, s)
            | DataType::Decimal128(_, s)
            | DataType::Decimal256(_, s) => i16::from(*s) <= i16::from(scale),
            other => other.is_integer(),
        },
        ColumnType::Date => matches!(found, DataType::Date32),
        ColumnType::Timestamp => matches!(found, DataType::Timestamp(_, None)),
        ColumnType::Boolean => matches!(found, DataType::Boolean),
    };
    let refused = || IntakeError::ColumnType {
        column: column.to_owned(),
        found: found.to_string(),
        expected: expected.to_string(),
    };
    fits.then_some(()).ok_or_else(refused)
}

struct Column {
    name: String,
    place: usize,
    column_type: ColumnType,
    nullable: bool,
}

/// The rows of the file, a batch at a time; ends at the first error.
pub(super) struct Batches {
    reader: ParquetRecordBatchReader,
    columns: Vec<Column>,
    schema: SchemaRef,
    tally: Arc<Tally>,
    rows: u64,
    rows_total: u64,
    bytes: u64,
    ended: bool,
}

impl Batches {
    fn batch(&mut self) -> Result<Option<RecordBatch>, IntakeError> {
        let damaged = || IntakeError::DamagedParquet { records: self.rows };
        let read = guarded(|| Ok(self.reader.next().transpose()?)).ok_or_else(damaged)?;
        let Some(read) = read else {
            return Ok(None);
        };
        let mut arrays = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let array = read
                .columns()
                .get(column.place)
                .ok_or(IntakeError::DamagedParquet { records: self.rows })?;
            arrays.push(column.convert(array, self.rows)?);
        }
        let first = self.rows + 1;
        self.rows += read.num_rows() as u64;
        let share =
            u128::from(self.bytes) * u128::from(self.rows) / u128::from(self.rows_total.max(1));
        self.tally
            .read_up_to(u64::try_from(share).unwrap_or(self.bytes));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        batch
            .map(Some)
            .map_err(|_| IntakeError::Batch { record: first })
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, IntakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

impl Column {
    /// The array in the schema's type; the first cell that would change or is missing is an error.
    fn convert(&self, array: &ArrayRef, before: u64) -> Result<ArrayRef, IntakeError> {
        let record = |row: usize| before + row as u64 + 1;
        let bad = |row: usize| IntakeError::BadCell {
            column: self.name.clone(),
            record: record(row),
            line: None,
            expected: cell::expected(self.column_type),
        };
        if !self.nullable
            && let Some(row) = (0..array.len()).find(|row| array.is_null(*row))
        {
            return Err(IntakeError::NullCell {
                column: self.name.clone(),
                record: record(row),
                line: None,
            });
        }
        if let Some(row) = finer_than_microseconds(array) {
            return Err(bad(row));
        }
        // Unfit values become null instead of an error, whose text would hold the value; they are found by comparing nulls.
        let options = CastOptions {
            safe: true,
            ..CastOptions::default()
        };
        let cast = cast_with_options(array, &arrow_type(self.column_type), &options)
            .map_err(|_| bad(0))?;
        if cast.null_count() != array.null_count()
            && let Some(row) =
                (0..array.len()).find(|row| cast.is_null(*row) && !array.is_null(*row))
        {
            return Err(bad(row));
        }
        match cast.as_primitive_opt::<Float64Type>() {
            Some(floats) => match floats
                .iter()
                .position(|value| value.is_some_and(|value| !value.is_finite()))
            {
                Some(row) => Err(bad(row)),
                // −0 becomes 0, so that equal numbers are equal bytes.
                None => Ok(Arc::new(
                    floats.unary::<_, Float64Type>(|value| value + 0.0),
                )),
            },
            None => Ok(cast),
        }
    }
}

/// The first row whose time has more than microseconds.
fn finer_than_microseconds(array: &ArrayRef) -> Option<usize> {
    const NANOSECONDS: i64 = 1000;
    if !matches!(
        array.data_type(),
        DataType::Timestamp(TimeUnit::Nanosecond, None)
    ) {
        return None;
    }
    let values = cast_with_options(array, &DataType::Int64, &CastOptions::default()).ok()?;
    let values = values.as_primitive_opt::<Int64Type>()?;
    values
        .iter()
        .position(|value| value.is_some_and(|value| value % NANOSECONDS != 0))
}
