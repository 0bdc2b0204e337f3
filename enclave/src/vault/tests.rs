//! The vault as a whole: what is stored, what a key opens, and what nobody finds on the disk.

mod canary;

use std::fs::File;
use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int64Type, SchemaRef, UInt64Type};
use policy::{
    Action, Context, DatasetSchema, Decision, Kind, Permit, Resource, RowFilter, authorise,
};

use super::*;
use crate::intake::{EncodingChoice, Format, Intake, IntakeError, Source};
use crate::keys::{KeyError, MasterKey, UnitKey};

const SCHEMA: &str = "
dataset: ybj/claims
units:
  person: { column: id, form: text }
columns:
  id:     { type: text, level: general-4, kind: direct }
  name:   { type: text, level: general-4, kind: direct }
  region: { type: text, level: general-2, kind: quasi }
  amount: { type: integer, level: general-3, kind: sensitive }
";

/// Rows of the table; each cell of id and name occurs once.
const ROWS: usize = 20_000;

struct Home {
    dir: tempfile::TempDir,
    keys: Arc<KeyStore>,
    vault: Vault,
}

fn home() -> Home {
    let dir = tempfile::tempdir().unwrap();
    let keys = Arc::new(
        KeyStore::open(&dir.path().join("keys"), MasterKey::ephemeral().unwrap()).unwrap(),
    );
    let vault = Vault::at(&dir.path().join("vault"), Arc::clone(&keys)).unwrap();
    Home { dir, keys, vault }
}

fn csv(rows: usize) -> String {
    let row = |i: usize| {
        format!(
            "canary-id-{i:06},居民某某{i:06},{},{i}\n",
            if i.is_multiple_of(4) { "6501" } else { "1101" }
        )
    };
    "id,name,region,amount\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

fn intake(text: &str) -> Intake {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let format = Format::Csv {
        encoding: EncodingChoice::Auto,
        separator: Some(b','),
    };
    let schema = DatasetSchema::parse("schema.yaml", SCHEMA).unwrap();
    Intake::open(
        Source::file(file.path()).unwrap(),
        format,
        &schema,
        &UnitKey::ephemeral().unwrap(),
    )
    .unwrap()
}

fn version(number: u64) -> VersionName {
    VersionName::new("xj".parse().unwrap(), "ybj/claims".parse().unwrap(), number)
}

fn permit(action: Action, tenant: &str) -> Permit {
    let who = format!("karez://{tenant}/op/operator/p-1").parse().unwrap();
    let kind = if action == Action::JobSubmit {
        Kind::Product
    } else {
        Kind::Scenario
    };
    let resource = Resource::new(
        tenant.parse().unwrap(),
        kind,
        format!("tenants/{tenant}/scenarios/s"),
    );
    let now = Context {
        mutual_tls: true,
        within_term: true,
    };
    match authorise(&who, action, &resource, &now) {
        Decision::Permit(permit) => permit,
        Decision::Denied(denial) => panic!("{denial}"),
    }
}

fn sample_permit() -> Permit {
    permit(Action::SampleRequest, "xj")
}

fn store(home: &Home, number: u64, rows: usize) -> Stored {
    let intake = intake(&csv(rows));
    home.vault
        .store(&version(number), &intake.schema(), intake)
        .unwrap()
}

fn one(
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, VaultError>>,
) -> RecordBatch {
    concat_batches(schema, &batches.collect::<Result<Vec<_>, _>>().unwrap()).unwrap()
}

fn read_all(file: File, keys: &ColumnKeys) -> RecordBatch {
    let table = EncryptedTable::read(file, keys).unwrap();
    let schema = table.schema();
    let columns: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    one(
        &schema,
        table
            .batches((0..table.row_groups()).collect(), &columns, 1000)
            .unwrap(),
    )
}

#[test]
fn what_was_stored_is_read_through_the_door() {
    let home = home();
    let expected = intake(&csv(ROWS));
    let schema = expected.schema();
    let batches: Vec<RecordBatch> = expected.collect::<Result<_, _>>().unwrap();
    let stored = home
        .vault
        .store(&version(1), &schema, batches.clone().into_iter().map(Ok))
        .unwrap();
    assert_eq!(stored.rows, ROWS as u64);
    let bytes = fs::read(&stored.path).unwrap();
    assert_eq!(
        (stored.bytes, stored.ciphertext_digest),
        (bytes.len() as u64, lineage::Digest::of(&bytes))
    );
    assert!(bytes.starts_with(b"PARE"), "the footer is encrypted");

    let raw = home
        .vault
        .open(
            &sample_permit(),
            &version(1),
            &["amount", "id", "__unit_person"],
            None,
            777,
        )
        .unwrap();
    let read = one(&raw.schema(), raw);
    let whole = concat_batches(&schema, &batches).unwrap();
    assert_eq!(read, whole.project(&[3, 0, 4]).unwrap());
    assert!(matches!(
        home.vault.store(&version(1), &schema, []),
        Err(VaultError::VersionExists { .. })
    ));
}

#[test]
fn a_row_filter_narrows_and_its_columns_are_dropped() {
    let home = home();
    store(&home, 1, ROWS);
    let filter: RowFilter = "region LIKE '65%' AND amount < 100".parse().unwrap();
    let raw = home
        .vault
        .open(
            &sample_permit(),
            &version(1),
            &["amount"],
            Some(&filter),
            512,
        )
        .unwrap();
    assert_eq!(raw.schema().fields().len(), 1);
    let read = one(&raw.schema(), raw);
    let expect: Vec<i64> = (0..100).step_by(4).collect();
    assert_eq!(read.column(0).as_primitive::<Int64Type>().values(), &expect);

    let (file, keys) = home
        .vault
        .narrow(
            &permit(Action::JobSubmit, "xj"),
            &version(1),
            &["amount", "__unit_person"],
            &filter,
        )
        .unwrap();
    assert!(
        rustix::fs::fcntl_getfl(&file)
            .unwrap()
            .contains(rustix::fs::OFlags::RDONLY)
    );
    assert!(
        std::os::unix::fs::FileExt::write_at(&file, b"x", 0).is_err(),
        "a job cannot write its input"
    );
    let narrowed = read_all(file, &keys);
    assert_eq!(
        narrowed.column(0).as_primitive::<Int64Type>().values(),
        &expect
    );
    assert_eq!(
        narrowed.column(1).as_primitive::<UInt64Type>().null_count(),
        0
    );
    assert_eq!(
        fs::read_dir(home.dir.path().join("vault").join(UNFINISHED))
            .unwrap()
            .count(),
        0
    );

    let wrong: RowFilter = "amount = 'x'".parse().unwrap();
    assert!(matches!(
        home.vault
            .open(&sample_permit(), &version(1), &["id"], Some(&wrong), 512),
        Err(VaultError::FilterType { .. })
    ));
}

#[test]
fn a_descriptor_opens_granted_columns_and_no_other() {
    let home = home();
    store(&home, 1, ROWS);
    let (file, keys) = home
        .vault
        .descriptor(
            &permit(Action::JobSubmit, "xj"),
            &version(1),
            &["region", "amount"],
        )
        .unwrap();
    let keys = ColumnKeys::from_message(&keys.into_message()).unwrap();
    let table = EncryptedTable::read(file.try_clone().unwrap(), &keys).unwrap();
    assert_eq!(
        table
            .schema()
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .collect::<Vec<_>>(),
        ["region", "amount"]
    );
    assert_eq!(table.rows(), ROWS as u64);
    assert_eq!(read_all(file.try_clone().unwrap(), &keys).num_rows(), ROWS);
    for column in ["id", "name", "__unit_person", "absent"] {
        assert!(
            matches!(
                table.batches(vec![0], &[column], 10),
                Err(VaultError::NoColumn { .. })
            ),
            "{column}"
        );
    }
    assert!(matches!(
        table.batches(vec![0], &["amount", "amount"], 10),
        Err(VaultError::DuplicateColumn { .. })
    ));

    // Parquet itself, asked for the column behind our back, has no key either; with it, the same call reads.
    let names = |keys: &ColumnKeys| {
        let options = ::parquet::arrow::arrow_reader::ArrowReaderOptions::new()
            .with_file_decryption_properties(keys.decryption().unwrap());
        let builder =
            ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new_with_options(
                file.try_clone().unwrap(),
                options,
            )
            .unwrap();
        let mask = ::parquet::arrow::ProjectionMask::columns(builder.parquet_schema(), ["name"]);
        builder
            .with_projection(mask)
            .build()
            .and_then(|mut reader| Ok(reader.next().transpose()?.unwrap().num_rows()))
    };
    assert!(names(&keys).is_err());
    let (_, all) = home
        .vault
        .descriptor(&permit(Action::JobSubmit, "xj"), &version(1), &["name"])
        .unwrap();
    assert!(names(&all).unwrap() > 0);
}

#[test]
fn row_groups_are_read_one_by_one_and_at_once() {
    let home = home();
    let rows = ROW_GROUP_ROWS + 5000;
    store(&home, 1, rows);
    let (file, keys) = home
        .vault
        .descriptor(&sample_permit(), &version(1), &["amount"])
        .unwrap();
    let table = EncryptedTable::read(file, &keys).unwrap();
    assert_eq!(table.row_groups(), 2);
    let sums = std::thread::scope(|scope| {
        let read = |group: usize| {
            let batches = table.batches(vec![group], &["amount"], 999).unwrap();
            batches
                .map(|batch| {
                    batch
                        .unwrap()
                        .column(0)
                        .as_primitive::<Int64Type>()
                        .values()
                        .iter()
                        .sum::<i64>()
                })
                .sum::<i64>()
        };
        let threads: Vec<_> = (0..2)
            .map(|group| scope.spawn(move || read(group)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(sums.iter().sum::<i64>(), (0..rows as i64).sum::<i64>());
}

#[test]
fn a_file_in_another_versions_place_does_not_open() {
    let home = home();
    let (first, second) = (store(&home, 1, 100), store(&home, 2, 100));
    fs::copy(&first.path, &second.path).unwrap();
    let open = |number| {
        home.vault
            .open(&sample_permit(), &version(number), &["id"], None, 10)
    };
    assert!(open(1).is_ok());
    assert!(matches!(open(2), Err(VaultError::Undecryptable)));

    // Also with the right keys: the name is bound into the encryption.
    let (file, keys) = home
        .vault
        .descriptor(&sample_permit(), &version(1), &["id"])
        .unwrap();
    let message = keys.into_message();
    let position = message
        .windows(10)
        .position(|w| w == b"versions/1")
        .unwrap();
    let mut renamed = message.to_vec();
    renamed[position + 9] = b'2';
    let renamed = ColumnKeys::from_message(&renamed).unwrap();
    assert!(matches!(
        EncryptedTable::read(file, &renamed),
        Err(VaultError::Undecryptable)
    ));
}

#[test]
fn an_altered_file_is_never_read_as_another_value() {
    let home = home();
    let stored = store(&home, 1, 50);
    let good = fs::read(&stored.path).unwrap();
    let read = || {
        let raw = home.vault.open(
            &sample_permit(),
            &version(1),
            &["id", "name", "region", "amount", "__unit_person"],
            None,
            100,
        )?;
        raw.collect::<Result<Vec<_>, _>>()
    };
    let expect = read().unwrap();
    let mut refused = 0;
    for position in (0..good.len()).step_by(3) {
        let mut altered = good.clone();
        altered[position] ^= 1;
        fs::write(&stored.path, &altered).unwrap();
        match read() {
            Ok(batches) => assert!(batches == expect, "byte {position} changed a value"),
            Err(_) => refused += 1,
        }
    }
    // Only bytes that carry nothing may be altered unnoticed: the magic at the start, lengths that the footer repeats.
    let tried = good.len().div_ceil(3);
    assert!(refused * 100 > tried * 95, "{refused} of {tried} noticed");
    fs::write(&stored.path, &good[..good.len() - 1]).unwrap();
    assert!(read().is_err());
}

#[test]
fn a_destroyed_column_key_closes_that_column_alone() {
    let home = home();
    store(&home, 1, 100);
    home.keys.destroy(&version(1).column_key("name")).unwrap();
    let open = |column: &str| {
        home.vault
            .open(&sample_permit(), &version(1), &[column], None, 10)
            .map(|raw| one(&raw.schema(), raw).num_rows())
    };
    assert_eq!(open("id").unwrap(), 100);
    assert!(matches!(open("name"), Err(VaultError::NoColumn { column }) if column == "name"));
    home.vault.erase(&version(1)).unwrap();
    home.vault.erase(&version(1)).unwrap();
    assert!(matches!(open("id"), Err(VaultError::VersionMissing { .. })));
    assert!(matches!(
        home.keys.get(&version(1).column_key("id")),
        Err(KeyError::Missing { .. })
    ));
}

#[test]
fn only_the_right_permit_opens() {
    let home = home();
    store(&home, 1, 10);
    let open = |permit: &Permit| {
        home.vault
            .open(permit, &version(1), &["id"], None, 10)
            .map(drop)
    };
    assert!(open(&permit(Action::JobSubmit, "xj")).is_ok());
    assert!(matches!(
        open(&permit(Action::SampleRequest, "ks")),
        Err(VaultError::WrongPermit { .. })
    ));
    assert!(matches!(
        open(&permit(Action::ProductSubmit, "xj")),
        Err(VaultError::WrongPermit { .. })
    ));
    let error = home
        .vault
        .open(&sample_permit(), &version(9), &["id"], None, 10)
        .map(drop)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "tenants/xj/datasets/ybj/claims/versions/9 is not in the vault"
    );
}

#[test]
fn a_refused_file_and_a_crash_leave_nothing() {
    let home = home();
    let unfinished = home.dir.path().join("vault").join(UNFINISHED);
    let bad = intake(&(csv(20_000) + "x,y,6501,CANARY\n"));
    let error = home
        .vault
        .store(&version(1), &bad.schema(), bad)
        .unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::Intake(IntakeError::BadCell { record: 20_001, .. })
        ),
        "{error}"
    );
    assert!(!home.vault.holds(&version(1)));
    assert_eq!(fs::read_dir(&unfinished).unwrap().count(), 0);

    fs::write(unfinished.join("half"), b"x").unwrap();
    let vault = Vault::at(&home.dir.path().join("vault"), Arc::clone(&home.keys)).unwrap();
    assert_eq!(fs::read_dir(&unfinished).unwrap().count(), 0);
    let again = intake(&csv(10));
    assert_eq!(
        vault
            .store(&version(1), &again.schema(), again)
            .unwrap()
            .rows,
        10
    );
}

#[test]
fn a_column_without_a_key_is_never_written_in_clear() {
    let mut keys = ColumnKeys::new("job", crate::keys::SecretKey::random().unwrap());
    keys.grant("id", crate::keys::SecretKey::random().unwrap());
    let intake = intake(&csv(1));
    let mut out = Vec::new();
    let written = writer::write(&mut out, &intake.schema(), &keys, intake);
    assert!(matches!(written, Err(VaultError::NoColumn { column }) if column == "name"));
    assert!(out.is_empty());
}

#[test]
fn a_table_without_rows_is_a_table() {
    let home = home();
    assert_eq!(store(&home, 1, 0).rows, 0);
    let raw = home
        .vault
        .open(&sample_permit(), &version(1), &["id", "amount"], None, 10)
        .unwrap();
    assert_eq!(one(&raw.schema(), raw).num_rows(), 0);
    store(&home, 2, 10);
    let none: RowFilter = "amount < 0".parse().unwrap();
    let (file, keys) = home
        .vault
        .narrow(
            &permit(Action::JobSubmit, "xj"),
            &version(2),
            &["id"],
            &none,
        )
        .unwrap();
    assert_eq!(read_all(file, &keys).num_rows(), 0);
}
