//! What somebody finds who reads the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use base64::Engine as _;

use super::*;

/// Every form in which a cell could lie on a disk.
fn forms(cell: &str) -> BTreeMap<&'static str, Vec<u8>> {
    let hex: String = cell.bytes().map(|byte| format!("{byte:02x}")).collect();
    // Without the first and last characters, which depend on where the cell stands.
    let base64 = |skip: usize| {
        let text = base64::engine::general_purpose::STANDARD.encode(&cell.as_bytes()[skip..]);
        text.as_bytes()[..text.len() - 4].to_vec()
    };
    BTreeMap::from([
        ("utf-8", cell.as_bytes().to_vec()),
        (
            "utf-16le",
            cell.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "utf-16be",
            cell.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ),
        ("gb18030", encoding_rs::GB18030.encode(cell).0.into_owned()),
        ("hex", hex.clone().into_bytes()),
        ("HEX", hex.to_uppercase().into_bytes()),
        ("base64 0", base64(0)),
        ("base64 1", base64(1)),
        ("base64 2", base64(2)),
    ])
}

/// Where below `dir` a cell is found, in which form.
fn search(dir: &Path, cell: &str, found: &mut Vec<(PathBuf, &'static str)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, cell, found);
            continue;
        }
        let mut bytes = Vec::new();
        File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
        bytes.extend_from_slice(path.to_string_lossy().as_bytes());
        for (form, needle) in forms(cell) {
            if bytes.windows(needle.len()).any(|window| window == needle) {
                found.push((path.clone(), form));
            }
        }
    }
}

#[test]
fn no_cell_lies_on_the_disk() {
    let home = home();
    store(&home, 1, 300);
    let cells = ["canary-id-000123", "居民某某000123"];
    let planted = home.dir.path().join("planted");
    for cell in cells {
        // The search finds each form before it is believed that there is none.
        for (form, bytes) in forms(cell) {
            fs::write(&planted, &bytes).unwrap();
            let mut found = Vec::new();
            search(home.dir.path(), cell, &mut found);
            assert!(found.contains(&(planted.clone(), form)), "{form} of {cell}");
        }
        fs::remove_file(&planted).unwrap();
        let mut found = Vec::new();
        search(home.dir.path(), cell, &mut found);
        assert_eq!(found, []);
    }
    // The names of the columns lie in the encrypted footer, and key files carry digests.
    let mut found = Vec::new();
    search(home.dir.path(), "__unit_person", &mut found);
    assert_eq!(found, []);
}
