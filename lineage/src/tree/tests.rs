//! The published vectors (those that must fail included), known hashes, and a naive tree of two
//! lines as the reference for random sizes.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::digest::Digest;
use crate::encoding::{array_from_base64, from_base64};

/// RFC 6962 section 2.1, word for word.
fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// RFC 6962 section 2.1.1, word for word.
fn naive_inclusion(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = match index < left.len() {
        true => (naive_inclusion(index, left), naive_root(right)),
        false => (naive_inclusion(index - left.len(), right), naive_root(left)),
    };
    path.push(sibling);
    path
}

/// RFC 6962 section 2.1.2, word for word; `whole` says whether the old tree is a known node.
fn naive_consistency(old: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if old == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = match old <= left.len() {
        true => (naive_consistency(old, left, whole), naive_root(right)),
        false => (
            naive_consistency(old - left.len(), right, false),
            naive_root(left),
        ),
    };
    path.push(sibling);
    path
}

fn leaves(count: usize) -> Vec<Digest> {
    (0..count).map(|n| leaf_hash(&n.to_le_bytes())).collect()
}

fn stored(leaves: &[Digest]) -> StoredTree {
    let mut tree = StoredTree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree
}

#[test]
fn all_small_trees_agree_with_the_naive_one() {
    let all = leaves(33);
    let tree = stored(&all);
    let mut frontier = Frontier::default();
    for size in 0..=all.len() {
        let part = &all[..size];
        let root = naive_root(part);
        assert_eq!(tree.root(size as u64), Ok(root));
        assert_eq!((frontier.root(), frontier.size()), (root, size as u64));
        for index in 0..size {
            let proof = tree.inclusion(index as u64, size as u64).unwrap();
            assert_eq!(proof, naive_inclusion(index, part));
        }
        for old in 1..=size {
            let proof = tree.consistency(old as u64, size as u64).unwrap();
            assert_eq!(proof, naive_consistency(old, part, true));
        }
        if let Some(next) = all.get(size) {
            frontier.push(*next);
        }
    }
}

#[test]
fn proofs_outside_the_tree_are_refused() {
    let tree = stored(&leaves(5));
    assert_eq!(tree.root(6), Err(ProofError::Range));
    assert_eq!(tree.inclusion(5, 5), Err(ProofError::Range));
    assert_eq!(tree.inclusion(0, 6), Err(ProofError::Range));
    assert_eq!(tree.consistency(0, 5), Err(ProofError::Range));
    assert_eq!(tree.consistency(4, 3), Err(ProofError::Range));
    assert_eq!(tree.consistency(4, 6), Err(ProofError::Range));
}

proptest! {
    #[test]
    fn random_proofs_hold_and_changed_ones_do_not(
        size in 1_usize..600, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let all = leaves(size);
        let tree = stored(&all);
        let root = naive_root(&all);
        let (index, old, size) = (a.index(size), 1 + b.index(size), size as u64);
        let proof = tree.inclusion(index as u64, size).unwrap();
        let verify = |proof: &[Digest]| {
            verify_inclusion(index as u64, size, &all[index], proof, &root)
        };
        prop_assert_eq!(verify(&proof), Ok(()));
        let old_root = naive_root(&all[..old]);
        let path = tree.consistency(old as u64, size).unwrap();
        let consistent = |path: &[Digest]| {
            verify_consistency(old as u64, size, &old_root, &root, path)
        };
        prop_assert_eq!(consistent(&path), Ok(()));
        for at in 0..proof.len() {
            prop_assert!(verify(&flipped(&proof, at, bit)).is_err());
        }
        for at in 0..path.len() {
            prop_assert!(consistent(&flipped(&path, at, bit)).is_err());
        }
        prop_assert!(verify(&[proof.as_slice(), &[root]].concat()).is_err());
        prop_assert!(consistent(&[path.as_slice(), &[root]].concat()).is_err());
    }
}

fn flipped(proof: &[Digest], at: usize, bit: usize) -> Vec<Digest> {
    let mut bytes = *proof[at].as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    let mut proof = proof.to_vec();
    proof[at] = Digest::from_bytes(bytes);
    proof
}

fn data(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/tlog");
    let path = root.join(path);
    if !path.exists() {
        println!("SKIPPED: no vectors at {}", path.display());
        return None;
    }
    Some(path)
}

fn json_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => json_files(&path, files),
            false => files.push(path),
        }
    }
}

fn hash(value: &Value) -> Option<Digest> {
    array_from_base64(value.as_str()?).map(Digest::from_bytes)
}

/// The consistency vectors also use other texts as roots; their digest stands in for them, which
/// keeps equal what is equal.
fn root(value: &Value) -> Option<Digest> {
    let bytes = from_base64(value.as_str()?)?;
    Some(match bytes.as_slice().try_into() {
        Ok(array) => Digest::from_bytes(array),
        Err(_) => Digest::of(&bytes),
    })
}

fn hashes(value: &Value) -> Option<Vec<Digest>> {
    let empty = Vec::new();
    let items = value.as_array().unwrap_or(&empty);
    items.iter().map(hash).collect()
}

/// Runs every vector below a folder.
fn check_vectors(folder: &str, expect: (usize, usize), verify: fn(&Value) -> Option<bool>) {
    let Some(root) = data(&format!("transparency-dev-merkle/testdata/{folder}")) else {
        return;
    };
    let mut files = Vec::new();
    json_files(&root, &mut files);
    let (mut held, mut failed) = (0, 0);
    for path in files {
        let vector: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let must_fail = vector["wantErr"].as_bool().unwrap();
        let holds = verify(&vector).unwrap_or(false);
        assert_eq!(holds, !must_fail, "{}", path.display());
        *if holds { &mut held } else { &mut failed } += 1;
    }
    assert!(held >= expect.0 && failed >= expect.1, "{held} {failed}");
}

#[test]
fn published_inclusion_vectors() {
    check_vectors("inclusion", (5, 80), |vector| {
        let result = verify_inclusion(
            vector["leafIdx"].as_u64()?,
            vector["treeSize"].as_u64()?,
            &hash(&vector["leafHash"])?,
            &hashes(&vector["proof"])?,
            &hash(&vector["root"])?,
        );
        Some(result.is_ok())
    });
}

#[test]
fn published_consistency_vectors() {
    check_vectors("consistency", (5, 80), |vector| {
        let result = verify_consistency(
            vector["size1"].as_u64()?,
            vector["size2"].as_u64()?,
            &root(&vector["root1"])?,
            &root(&vector["root2"])?,
            &hashes(&vector["proof"])?,
        );
        Some(result.is_ok())
    });
}

#[test]
fn published_known_answers() {
    let Some(path) = data("merkle-rfc6962-kat/kat.json") else {
        return;
    };
    let kat: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let check = |name: &str, digest: Digest| {
        let hex = kat["rfc6962_hasher"][name].as_str().unwrap();
        assert_eq!(digest.to_string(), format!("sha256:{hex}"));
    };
    check("empty_root", empty_root());
    check("empty_leaf", leaf_hash(b""));
    check("leaf_L123456", leaf_hash(b"L123456"));
    let node = Digest::of_parts(&[&[1], b"N123", b"N456"]);
    check("node_N123_N456", node);
}
