//! Fetching released files: each with a ticket of its own, checked against its digest, whole or not at all.

use std::path::{Path, PathBuf};

use enclave::client::v1::{File, IssueTicketRequest};
use serde_json::{Value, json};

use crate::caller::Connected;
use crate::language::text;
use crate::problem::Problem;
use crate::progress::Progress;

/// Fetches the files of a resource into a directory; all of them, or the one that is named.
pub(crate) async fn fetch(
    connected: &Connected,
    resource: &str,
    files: &[File],
    only: Option<&str>,
    out: &Path,
) -> Result<Value, Problem> {
    let wanted = wanted(resource, files, only)?;
    for file in &wanted {
        refuse_existing(&place(out, file)?)?;
    }
    std::fs::create_dir_all(out).map_err(|error| Problem::file(out, &error))?;
    let mut fetched = Vec::new();
    for file in wanted {
        let path = place(out, file)?;
        let file = one(connected, resource, file, &path).await?;
        fetched.push(json!({ "file": path, "bytes": file.size_bytes, "digest": file.digest }));
    }
    Ok(Value::Array(fetched))
}

fn wanted<'f>(
    resource: &str,
    files: &'f [File],
    only: Option<&str>,
) -> Result<Vec<&'f File>, Problem> {
    let wanted: Vec<&File> = files
        .iter()
        .filter(|file| only.is_none_or(|name| file.name == name))
        .collect();
    if !wanted.is_empty() {
        return Ok(wanted);
    }
    let names = files
        .iter()
        .map(|file| file.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    Err(Problem::refused(match only {
        Some(name) if !files.is_empty() => {
            text!(
                "{resource} has no file `{name}`; it has: {names}",
                "{resource} 没有文件 `{name}`；现有：{names}"
            )
        }
        _ => text!(
            "{resource} has no files to fetch: it is not released; watch it to learn why",
            "{resource} 没有可取的文件：尚未发布；请用 watch 查看原因"
        ),
    }))
}

/// Where a file goes; a name that is more than a base name is not taken from a server.
fn place(out: &Path, file: &File) -> Result<PathBuf, Problem> {
    let name = &file.name;
    let base = Path::new(name)
        .file_name()
        .is_some_and(|base| base.to_str() == Some(name));
    if !base || name.starts_with('.') {
        return Err(Problem::refused(text!(
            "the server names a file `{name}`, which is not a base name: nothing was fetched",
            "服务给出的文件名 `{name}` 不是单纯的文件名：未取回任何文件"
        )));
    }
    Ok(out.join(name))
}

fn refuse_existing(path: &Path) -> Result<(), Problem> {
    let shown = path.display();
    match path.symlink_metadata() {
        Ok(_) => Err(Problem::refused(text!(
            "{shown} exists and is not overwritten; give --out another directory",
            "{shown} 已存在，不会被覆盖；请用 --out 另选目录"
        ))),
        Err(_) => Ok(()),
    }
}

async fn one(
    connected: &Connected,
    resource: &str,
    file: &File,
    path: &Path,
) -> Result<File, Problem> {
    let request = IssueTicketRequest {
        resource: resource.to_owned(),
        file: file.name.clone(),
    };
    let ticket = connected
        .client
        .releases()
        .issue_ticket(request)
        .await?
        .into_inner();
    // A sample is fetched as the caller's own copy, whose digest stands on the log beside the caller's name.
    let promised = ticket.file.clone().unwrap_or_default();
    let own_copy = resource.contains("/samples/") && promised.name == file.name;
    let file = if own_copy { &promised } else { file };
    let part = path.with_file_name(format!(".{}.part", file.name));
    let progress = Progress::bytes(&file.name, file.size_bytes);
    let into = tokio::fs::File::create(&part)
        .await
        .map_err(|error| Problem::file(&part, &error))?;
    let downloaded = connected
        .client
        .download(ticket.ticket, progress.count(into))
        .await;
    let kept = match downloaded {
        Ok(header) => keep(file, header.file.as_ref(), &part, path),
        Err(error) => Err(error.into()),
    };
    kept.inspect_err(|_| {
        // Best effort: the first error says more.
        let _ = std::fs::remove_file(&part);
    })?;
    Ok(file.clone())
}

/// Gives the file its name once it is the one that was listed.
fn keep(listed: &File, announced: Option<&File>, part: &Path, path: &Path) -> Result<(), Problem> {
    if announced.map(|file| &file.digest) != Some(&listed.digest) {
        let name = &listed.name;
        return Err(Problem::refused(text!(
            "{name}: the server sent another file than it lists; it was discarded",
            "{name}：服务发送的文件与所列不符，已丢弃"
        )));
    }
    refuse_existing(path)?;
    std::fs::rename(part, path).map_err(|error| Problem::file(path, &error))
}

#[cfg(test)]
mod tests {
    //! Which names and files are taken from a server.
    use super::*;

    fn named(name: &str) -> File {
        File {
            name: name.into(),
            ..File::default()
        }
    }

    #[test]
    fn a_name_is_a_base_name() {
        let out = Path::new("/out");
        assert_eq!(
            place(out, &named("result.csv")).unwrap(),
            Path::new("/out/result.csv")
        );
        for bad in ["", ".", "..", "../x", "/etc/passwd", "a/b", "a/", ".bashrc"] {
            assert!(place(out, &named(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_or_all_files() {
        let files = [named("a.csv"), named("b.csv")];
        assert_eq!(wanted("r", &files, None).unwrap().len(), 2);
        assert_eq!(wanted("r", &files, Some("b.csv")).unwrap(), [&files[1]]);
        assert!(wanted("r", &files, Some("c.csv")).is_err());
        assert!(wanted("r", &[], None).is_err());
    }

    #[test]
    fn what_is_there_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("result.csv");
        refuse_existing(&path).unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(refuse_existing(&path).is_err());
    }

    #[test]
    fn another_file_than_listed_is_not_kept() {
        let directory = tempfile::tempdir().unwrap();
        let (part, path) = (directory.path().join(".f.part"), directory.path().join("f"));
        std::fs::write(&part, "bytes").unwrap();
        let listed = File {
            digest: "sha256:1".into(),
            ..named("f")
        };
        let other = File {
            digest: "sha256:2".into(),
            ..named("f")
        };
        assert!(keep(&listed, Some(&other), &part, &path).is_err());
        assert!(keep(&listed, None, &part, &path).is_err());
        keep(&listed, Some(&listed.clone()), &part, &path).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "bytes");
    }
}
