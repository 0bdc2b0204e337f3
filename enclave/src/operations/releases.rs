//! Released files: who may fetch them, and their bytes.

use std::io::Read as _;

use lineage::event::{ReleasedFile, ResultFetched};
use lineage::{Actor, Leaf};
use policy::{Action, Kind, Resource};

use super::products::scenario_of;
use super::{Enclave, Failure, Reason};
use crate::files::{FRAME_PREFIX_BYTES, FRAMES_ENDING, Frame};

/// How the names of Arrow streams end.
pub(super) const ARROW_STREAM: &str = ".arrows";

/// The longest list of frames that is read back, in bytes.
const FRAMES_BYTES_MAX: u64 = 16 << 20;

/// The longest encapsulated schema of a released table, in bytes.
const SCHEMA_BYTES_MAX: u64 = 16 << 20;

/// A released file on its way out.
#[derive(Debug)]
pub struct ReleasedBytes {
    /// Name, digest and length, as the log records them.
    pub file: ReleasedFile,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The log entry of this fetch.
    pub fetched: Leaf,
}

impl Enclave {
    /// The file that a caller may fetch now; asked before a ticket is issued and again when it is spent. Of a sample it is
    /// the caller's own marked copy, made at the first asking.
    ///
    /// # Errors
    /// [`Reason::NotMarkable`] for a sample that can carry no mark;
    /// [`Reason::AccessDenied`]; [`Reason::StateNotAllowed`] while nothing is released; [`Reason::NotFound`].
    pub fn fetchable(
        &self,
        actor: &Actor,
        resource: &str,
        file: &str,
    ) -> Result<ReleasedFile, Failure> {
        let in_force = self.in_force(&scenario_of(resource))?;
        let (action, asked) = self.release(resource)?;
        self.permit_reading(actor, action, &asked, in_force.within_term)?;
        let released = self.read(|registry| {
            let sample = registry
                .sample(resource)
                .is_some_and(|sample| sample.is_released());
            sample || registry.job(resource).is_some_and(|job| job.is_delivered())
        });
        if released && self.read(|registry| registry.sample(resource).is_some()) {
            self.own_copy(actor, resource)?;
        }
        match self.released_file(actor, resource, file) {
            Some(file) => Ok(file),
            None if released => Err(Failure::not_found(&format!("{resource}/{file}"))),
            None => Err(Failure::new(
                Reason::StateNotAllowed,
                format!("`{resource}` has no files: it is not released; watch it to learn why"),
                format!("`{resource}` 尚未发布，没有可取的文件"),
            )),
        }
    }

    /// A file of a job, or of the person's own copy of a sample, by its name.
    fn released_file(&self, actor: &Actor, resource: &str, file: &str) -> Option<ReleasedFile> {
        self.read(|registry| match registry.sample(resource) {
            Some(sample) => {
                let mut files = sample.copy_for(actor)?.files.iter();
                files.find(|one| one.name == file).cloned()
            }
            None => registry.job(resource)?.file(file).cloned(),
        })
    }

    /// Keeps the list of a stream's frames beside it, as a file of the release.
    pub(super) fn keep_frames(
        &self,
        name: &str,
        frames: &[Frame],
    ) -> Result<Option<ReleasedFile>, Failure> {
        if frames.is_empty() {
            return Ok(None);
        }
        let json = serde_json::to_vec(frames).map_err(|_| Failure::internal("frames"))?;
        let digest = self.shared.blobs.put(&json)?;
        let bytes = u64::try_from(json.len()).unwrap_or(u64::MAX);
        Ok(Some(ReleasedFile {
            name: format!("{name}{FRAMES_ENDING}"),
            digest,
            bytes,
        }))
    }

    /// Where the messages of a released Arrow stream begin and end.
    fn kept_frames(
        &self,
        actor: &Actor,
        resource: &str,
        file: &ReleasedFile,
    ) -> Result<Vec<Frame>, Failure> {
        let name = format!("{}{FRAMES_ENDING}", file.name);
        let kept = self.released_file(actor, resource, &name);
        let kept = kept.ok_or_else(|| {
            Failure::new(
                Reason::FieldInvalid,
                format!("`{}` is not a table in Arrow; take one that ends with `{ARROW_STREAM}`, or download it", file.name),
                format!("`{}` 不是 Arrow 表，请取以 `{ARROW_STREAM}` 结尾的文件，或直接下载", file.name),
            )
        })?;
        let json = self.shared.blobs.get(kept.digest, FRAMES_BYTES_MAX)?;
        let frames: Vec<Frame> =
            serde_json::from_slice(&json).map_err(|_| Failure::internal("frames"))?;
        let prefix = FRAME_PREFIX_BYTES as u64;
        let covered = frames.iter().try_fold(prefix, |sum, frame| {
            sum.checked_add(prefix)?
                .checked_add(frame.metadata_bytes)?
                .checked_add(frame.body_bytes)
        });
        match covered == Some(file.bytes) {
            true => Ok(frames),
            false => Err(Failure::internal("frames")),
        }
    }

    /// A released table that a caller may fetch now, with its schema as an encapsulated message, as it stands in the file.
    ///
    /// # Errors
    /// As [`Enclave::fetchable`]; [`Reason::FieldInvalid`] for a file that is no Arrow stream.
    pub fn fetchable_table(
        &self,
        actor: &Actor,
        resource: &str,
        file: &str,
    ) -> Result<(ReleasedFile, Vec<u8>), Failure> {
        let file = self.fetchable(actor, resource, file)?;
        let frames = self.kept_frames(actor, resource, &file)?;
        let schema = frames
            .first()
            .map(|frame| frame.metadata_bytes + FRAME_PREFIX_BYTES as u64);
        let length = schema.filter(|length| *length <= SCHEMA_BYTES_MAX);
        let length = length.ok_or_else(|| Failure::internal("frames"))?;
        let mut bytes = Vec::new();
        let stored = self.shared.blobs.reader(file.digest)?;
        stored
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(|_| unreadable(&file))?;
        Ok((file, bytes))
    }

    /// Reads a released table with its frames, and logs that it was fetched.
    ///
    /// # Errors
    /// As [`Enclave::fetch`]; [`Reason::FieldInvalid`] for a file that is no Arrow stream.
    pub fn fetch_table(
        &self,
        actor: &Actor,
        resource: &str,
        file: &str,
    ) -> Result<(ReleasedBytes, Vec<Frame>), Failure> {
        let file = self.fetchable(actor, resource, file)?;
        let frames = self.kept_frames(actor, resource, &file)?;
        Ok((self.read_out(actor, resource, file)?, frames))
    }

    fn release(&self, name: &str) -> Result<(Action, Resource), Failure> {
        let providers = |scenario: &str| {
            let datasets =
                self.read(|registry| registry.scenario(scenario).map(|s| s.datasets.clone()));
            self.providers(&datasets.unwrap_or_default())
        };
        let scenario = scenario_of(name);
        if self.read(|registry| registry.sample(name).is_some()) {
            let resource = self
                .resource(Kind::Sample, name)?
                .with_providers(providers(&scenario));
            return Ok((Action::SampleFetch, resource));
        }
        let job = self.read(|registry| registry.job(name).cloned());
        let job = job.ok_or_else(|| Failure::not_found(name))?;
        let resource = self
            .resource(Kind::Job, name)?
            .with_providers(providers(&scenario))
            .with_submitter(job.organisation.parse().ok());
        Ok((Action::ResultFetch, resource))
    }

    /// Reads a released file for a caller whose ticket was good, and logs that it was fetched.
    ///
    /// # Errors
    /// As [`Enclave::fetchable`], asked again; [`Reason::ResourceUnavailable`] when the bytes are gone.
    pub fn fetch(
        &self,
        actor: &Actor,
        resource: &str,
        file: &str,
    ) -> Result<ReleasedBytes, Failure> {
        let file = self.fetchable(actor, resource, file)?;
        self.read_out(actor, resource, file)
    }

    /// The bytes, once the event is on the log.
    fn read_out(
        &self,
        actor: &Actor,
        resource: &str,
        file: ReleasedFile,
    ) -> Result<ReleasedBytes, Failure> {
        let bytes = self.shared.blobs.get(file.digest, file.bytes)?;
        let body = ResultFetched {
            resource: resource.to_owned(),
            file: file.name.clone(),
            digest: file.digest,
        };
        let admission = self.admission();
        let fetched = self
            .commit(&admission, vec![self.event(actor, body)])?
            .pop();
        let fetched = fetched.ok_or_else(|| Failure::internal("log"))?;
        Ok(ReleasedBytes {
            file,
            bytes,
            fetched,
        })
    }
}

fn unreadable(file: &ReleasedFile) -> Failure {
    let message = format!("the stored bytes of `{}` cannot be read", file.name);
    Failure::new(Reason::ResourceUnavailable, message, "存储的文件无法读取")
}
