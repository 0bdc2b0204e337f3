//! Wrapped keys in a directory, one small file each.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::wrap::{WRAPPED_BYTES, unwrap, wrap};
use super::{
    KeyError, KeyPath, MarkRoot, MasterKey, ReleaseKey, SecretKey, SourceSalt, UnitKey, create_dir,
    sync_dir, write_durably,
};

/// The wrapped keys of a home; one process writes it at a time.
///
/// Privacy: whoever lists the directory learns the names of tenants, data sets and scenarios, not of columns.
#[derive(Debug)]
pub struct KeyStore {
    dir: PathBuf,
    master: MasterKey,
    /// Paths that were destroyed by command: no key is ever made there again.
    destroyed: RwLock<BTreeSet<String>>,
}

impl KeyStore {
    /// Opens the store in `dir`, making the directory where it is missing.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn open(dir: &Path, master: MasterKey) -> Result<Self, KeyError> {
        create_dir(dir).map_err(|error| KeyError::file("cannot make", dir, error))?;
        Ok(Self {
            dir: dir.to_owned(),
            master,
            destroyed: RwLock::default(),
        })
    }

    /// Makes and files a fresh key; the keys above it must exist.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::Missing`] for a key above, [`KeyError::Destroyed`], and those of the file system.
    pub fn create(&self, path: &KeyPath) -> Result<SecretKey, KeyError> {
        self.refuse_destroyed(path)?;
        let file = self.dir.join(path.file());
        if file.exists() {
            return Err(KeyError::Exists {
                path: path.to_string(),
            });
        }
        let wrapping = self.wrapping(path)?;
        let key = SecretKey::random()?;
        let wrapped = wrap(&wrapping, path, &key)?;
        let written = file
            .parent()
            .map_or(Ok(()), create_dir)
            .and_then(|()| write_durably(&file, &wrapped));
        written.map_err(|error| KeyError::file("cannot write", &file, error))?;
        Ok(key)
    }

    /// Opens the key of this path.
    ///
    /// # Errors
    /// [`KeyError::Destroyed`] naming the key that was, [`KeyError::Missing`] when it or a key above was never made,
    /// [`KeyError::Unopenable`] when its file was altered or moved.
    pub fn get(&self, path: &KeyPath) -> Result<SecretKey, KeyError> {
        self.refuse_destroyed(path)?;
        let file = self.dir.join(path.file());
        let wrapped = match fs::read(&file) {
            Ok(wrapped) => wrapped,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeyError::Missing {
                    path: path.to_string(),
                });
            }
            Err(error) => return Err(KeyError::file("cannot read", &file, error)),
        };
        if wrapped.len() != WRAPPED_BYTES {
            return Err(KeyError::Malformed { path: file });
        }
        unwrap(&self.wrapping(path)?, path, &wrapped)
    }

    /// Opens the key of this path, making it and the keys above where they are missing.
    ///
    /// # Errors
    /// Those of [`KeyStore::get`] but `Missing`, and those of the file system.
    pub fn get_or_create(&self, path: &KeyPath) -> Result<SecretKey, KeyError> {
        match self.get(path) {
            Err(KeyError::Missing { .. }) => {}
            other => return other,
        }
        if let Some(parent) = path.parent() {
            self.get_or_create(&parent)?;
        }
        self.create(path)
    }

    /// Destroys a key by command: from now on it is refused by name, and its file is overwritten and removed.
    ///
    /// The log orders this before it is done, and again at every start, so that a crash in between changes nothing.
    ///
    /// # Errors
    /// The file cannot be removed; the key is refused all the same.
    pub fn bury(&self, path: &KeyPath) -> Result<(), KeyError> {
        self.destroyed
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_string());
        self.destroy(path)
    }

    /// The destroyed key on this path or above it, if there is one.
    #[must_use]
    pub fn destroyed(&self, path: &KeyPath) -> Option<String> {
        let destroyed = self
            .destroyed
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut at = Some(path.clone());
        while let Some(path) = at {
            let name = path.to_string();
            if destroyed.contains(&name) {
                return Some(name);
            }
            at = path.parent();
        }
        None
    }

    fn refuse_destroyed(&self, path: &KeyPath) -> Result<(), KeyError> {
        match self.destroyed(path) {
            Some(path) => Err(KeyError::Destroyed { path }),
            None => Ok(()),
        }
    }

    /// Destroys a key: what it and the keys below it opened can never be read again. A missing key is destroyed already.
    ///
    /// The file's bytes are overwritten first, which a copying file system or a backup may defeat; the log says when it was done.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn destroy(&self, path: &KeyPath) -> Result<(), KeyError> {
        let file = self.dir.join(path.file());
        let destroyed = match fs::OpenOptions::new().write(true).open(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => Err(error),
            Ok(mut open) => io::Write::write_all(&mut open, &[0; WRAPPED_BYTES])
                .and_then(|()| open.sync_all())
                .and_then(|()| fs::remove_file(&file))
                .and_then(|()| file.parent().map_or(Ok(()), sync_dir)),
        };
        destroyed.map_err(|error| KeyError::file("cannot destroy", &file, error))
    }

    /// The key of a scenario's releases, made at the first call.
    ///
    /// # Errors
    /// Those of [`KeyStore::get_or_create`].
    pub fn scenario(
        &self,
        tenant: &policy::Tenant,
        scenario: &policy::ScenarioId,
    ) -> Result<ReleaseKey, KeyError> {
        let path = KeyPath::Scenario(tenant.clone(), scenario.clone());
        Ok(ReleaseKey::new(self.get_or_create(&path)?))
    }

    /// The key of a tenant's hidden unit columns, made at the first call.
    ///
    /// # Errors
    /// Those of [`KeyStore::get_or_create`].
    pub fn units(&self, tenant: &policy::Tenant) -> Result<UnitKey, KeyError> {
        Ok(UnitKey::new(
            self.get_or_create(&KeyPath::Units(tenant.clone()))?,
        ))
    }

    /// The key of a tenant's recipient marks, made at the first call.
    ///
    /// # Errors
    /// Those of [`KeyStore::get_or_create`].
    pub fn marks(&self, tenant: &policy::Tenant) -> Result<MarkRoot, KeyError> {
        Ok(MarkRoot::new(
            self.get_or_create(&KeyPath::Marks(tenant.clone()))?,
        ))
    }

    /// The salt of a tenant's digests of provider's files, made at the first call.
    ///
    /// # Errors
    /// Those of [`KeyStore::get_or_create`].
    pub fn source_salt(&self, tenant: &policy::Tenant) -> Result<SourceSalt, KeyError> {
        Ok(SourceSalt::new(
            self.get_or_create(&KeyPath::SourceSalt(tenant.clone()))?,
        ))
    }

    fn wrapping(&self, path: &KeyPath) -> Result<SecretKey, KeyError> {
        match path.parent() {
            Some(parent) => self.get(&parent),
            None => Ok(self.master.0.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(version: u64, name: &str) -> KeyPath {
        KeyPath::column(
            &"xj".parse().unwrap(),
            &"ybj/claims".parse().unwrap(),
            version,
            name,
        )
    }

    fn store() -> (tempfile::TempDir, KeyStore) {
        let dir = tempfile::tempdir().unwrap();
        let store =
            KeyStore::open(&dir.path().join("keys"), MasterKey::ephemeral().unwrap()).unwrap();
        (dir, store)
    }

    #[test]
    fn a_key_is_made_once_and_opens_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKey::create(&dir.path().join("master.key")).unwrap();
        let store = KeyStore::open(&dir.path().join("keys"), master).unwrap();
        let path = column(3, "金额");
        assert!(
            matches!(store.create(&path), Err(KeyError::Missing { .. })),
            "the keys above come first"
        );
        let made = store.get_or_create(&path).unwrap();
        assert!(matches!(store.create(&path), Err(KeyError::Exists { .. })));

        let master = MasterKey::open(&dir.path().join("master.key")).unwrap();
        let again = KeyStore::open(&dir.path().join("keys"), master).unwrap();
        assert_eq!(again.get(&path).unwrap().expose(), made.expose());
        let other =
            KeyStore::open(&dir.path().join("keys"), MasterKey::ephemeral().unwrap()).unwrap();
        assert!(matches!(other.get(&path), Err(KeyError::Unopenable { .. })));
    }

    #[test]
    fn a_key_file_moved_to_another_path_does_not_open() {
        let (_dir, store) = store();
        for (from, to) in [
            (column(1, "amount"), column(1, "name")),
            (column(1, "amount"), column(2, "amount")),
        ] {
            store.get_or_create(&from).unwrap();
            store.get_or_create(&to).unwrap();
            fs::copy(store.dir.join(from.file()), store.dir.join(to.file())).unwrap();
            assert!(
                matches!(store.get(&to), Err(KeyError::Unopenable { .. })),
                "{from} moved to {to}"
            );
        }
    }

    #[test]
    fn destroying_a_key_closes_everything_below_it() {
        let (_dir, store) = store();
        let path = column(1, "amount");
        store.get_or_create(&path).unwrap();
        let version = path.parent().unwrap();
        store.destroy(&version).unwrap();
        store.destroy(&version).unwrap();
        let error = store.get(&path).unwrap_err();
        assert!(
            matches!(&error, KeyError::Missing { path } if *path == version.to_string()),
            "{error}"
        );
        assert!(!store.dir.join(version.file()).exists());
    }

    #[test]
    fn a_buried_key_is_refused_by_name_and_never_made_again() {
        let (_dir, store) = store();
        let (amount, name) = (column(1, "amount"), column(1, "name"));
        store.get_or_create(&amount).unwrap();
        store.get_or_create(&name).unwrap();
        let wrapped = fs::read(store.dir.join(amount.file())).unwrap();
        let refused = |path: &KeyPath, named: &KeyPath| {
            for error in [
                store.get(path).unwrap_err(),
                store.create(path).unwrap_err(),
                store.get_or_create(path).unwrap_err(),
            ] {
                let told =
                    matches!(&error, KeyError::Destroyed { path } if *path == named.to_string());
                assert!(told, "{error}");
            }
        };
        store.bury(&amount).unwrap();
        store.bury(&amount).unwrap();
        refused(&amount, &amount);
        store.get(&name).unwrap();
        assert!(!store.dir.join(amount.file()).exists());
        let version = name.parent().unwrap();
        store.bury(&version).unwrap();
        refused(&name, &version);
        // The next version of the same data set is nothing to it, until the data set's own key goes.
        let next = column(2, "name");
        store.get_or_create(&next).unwrap();
        let dataset = version.parent().unwrap();
        store.bury(&dataset).unwrap();
        refused(&next, &dataset);
        // A wrapped key that somebody kept is refused as well, while the store remembers, and does not open without the
        // keys above it.
        fs::write(store.dir.join(amount.file()), &wrapped).unwrap();
        refused(&amount, &amount);
        let forgetful = KeyStore::open(&store.dir, store.master.clone()).unwrap();
        assert!(matches!(
            forgetful.get(&amount),
            Err(KeyError::Missing { .. })
        ));
    }

    #[test]
    fn a_cut_key_file_is_named() {
        let (_dir, store) = store();
        let path = column(1, "amount");
        store.get_or_create(&path).unwrap();
        fs::write(store.dir.join(path.file()), b"short").unwrap();
        assert!(matches!(store.get(&path), Err(KeyError::Malformed { .. })));
    }
}
