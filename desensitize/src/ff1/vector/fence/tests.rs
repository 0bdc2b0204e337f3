//! No kernel touches a byte beside its buffers; and the fence that says so is there.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use arrow::{
    array::StringArray,
    buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer},
};

use super::*;
use crate::ff1::{
    Alphabet, Cipher, Direction, Ff1Key, Kept, Kernel, Letters, TILE_ROWS, TextCipher,
    kernel::Tile, plan::Plan, strings::Strings,
};

const KEY: [u8; 32] = [0x2f; 32];
/// Set in the processes that read past an allocation.
const STEP: &str = "KAREZ_TEST_STEP_OVER";
/// The signal of a read of nobody's page.
const SEGMENTATION_FAULT: i32 = 11;

fn key(kernel: Kernel) -> Ff1Key {
    Ff1Key::with_kernel(Cipher::Aes256, &KEY, kernel).unwrap()
}

/// Texts in buffers of exactly their size.
fn column(texts: &[String]) -> StringArray {
    let mut text = Vec::with_capacity(texts.iter().map(String::len).sum());
    let mut ends = Vec::with_capacity(texts.len() + 1);
    ends.push(0);
    for row in texts {
        text.extend_from_slice(row.as_bytes());
        ends.push(text.len() as i32);
    }
    let nulls = texts.iter().enumerate().map(|(row, _)| row % 5 != 3);
    let nulls = (texts.len() % 2 == 1).then(|| NullBuffer::from_iter(nulls));
    let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
    StringArray::new(ends, Buffer::from_vec(text), nulls)
}

/// Rows of numerals of these lengths in turn.
fn texts(radix: u32, lengths: &[usize], rows: usize) -> Vec<String> {
    let numeral = |seed: usize| char::from_digit((seed as u32 * 7_919) % radix, radix).unwrap();
    let text = |(row, length): (usize, &usize)| -> String {
        (0..*length).map(|at| numeral(row * 31 + at)).collect()
    };
    let lengths = lengths.iter().cycle();
    (0..rows).zip(lengths).map(text).collect()
}

/// Encrypts and decrypts a column and slices of it between fences.
fn check(radix: u32, lengths: &[usize], rows: usize) {
    let texts = texts(radix, lengths, rows);
    let alphabet = Alphabet::new(radix, Letters::Lower).unwrap();
    let run = |kernel: Kernel| {
        let cipher = TextCipher::new(&key(kernel), alphabet.clone()).unwrap();
        let whole = column(&texts);
        let slices = [0, rows / 3, rows - 1].map(|from| whole.slice(from, rows - from));
        let first = whole.slice(0, rows / 2 + 1);
        slices.into_iter().chain([first]).map(move |plain| {
            let tweak = |_: &Kept<'_>| b"fence".to_vec();
            let (texts, refused) = cipher.encrypt(&tweak, &plain).unwrap();
            let (back, _) = cipher.decrypt(&tweak, &texts).unwrap();
            assert_eq!((&back, refused.len()), (&plain, 0));
            texts
        })
    };
    let expect: Vec<_> = run(Kernel::Portable).collect();
    for kernel in Kernel::available(Cipher::Aes256) {
        for fence in [Fence::Before, Fence::Behind] {
            let found: Vec<_> = fenced(fence, || run(kernel).collect());
            assert_eq!(found, expect, "{kernel:?}, {fence:?}, radix {radix}");
        }
    }
}

#[test]
fn columns_are_never_left() {
    // The shortest and the longest strings whose halves the kernels take.
    for (radix, lengths) in [(2, 20..=40), (2, 108..=112), (10, 6..=32), (36, 4..=20)] {
        for length in lengths {
            check(radix, &[length], 67);
        }
    }
    check(10, &[16, 19, 17, 18], 300);
    check(36, &[7, 16, 18], 130);
    for rows in [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129] {
        check(10, &[11], rows);
        check(10, &[30], rows);
    }
}

/// Rounds over a tile between fences, and its strings likewise; behind the tile's columns stand its count of rows and
/// what fills the last 64 bytes, so that there only a longer step is seen.
#[test]
fn tiles_are_never_left() {
    let alphabet = Alphabet::digits().unwrap();
    let plans = [6, 11, 16, 18, 19, 30, 32].map(|n| Plan::new(10, n).unwrap().unwrap());
    for kernel in Kernel::available(Cipher::Aes256) {
        for fence in [Fence::Before, Fence::Behind] {
            let key = key(kernel);
            let (mut tile, mut strings) =
                fenced(fence, || (Box::new(Tile::new()), Box::new(Strings::new())));
            assert!(FENCES.holds(ptr::from_mut(&mut *tile).cast()));
            for plan in &plans {
                for rows in 1..=TILE_ROWS {
                    tile.rows = rows;
                    tile.run(&key, plan, Direction::Encrypt);
                    tile.run(&key, plan, Direction::Decrypt);
                    assert_eq!((tile.high[rows - 1], tile.low[rows - 1]), (0, 0));
                }
                let text = key.engine().and_then(|engine| engine.text(&alphabet, plan));
                if let Some(text) = text {
                    text.write(&tile, &mut strings);
                    assert_eq!(text.read(&strings, &mut tile), 0);
                }
            }
        }
    }
}

/// Runs in a process of its own, as `a_step_over_the_fence_is_fatal` starts it; elsewhere it does nothing.
#[test]
fn step_over() {
    let Ok(step) = std::env::var(STEP) else {
        return;
    };
    let fence = match step.as_str() {
        "before" => Fence::Before,
        _ => Fence::Behind,
    };
    let [bytes, freed] = fenced(fence, || [vec![7u8; 100], vec![7u8; 100]]);
    let (first, place_freed) = (bytes.as_ptr(), freed.as_ptr());
    drop(freed);
    let place = match step.as_str() {
        "inside" => first.wrapping_add(99),
        "before" => first.wrapping_sub(1),
        "behind" => first.wrapping_add(100),
        _ => place_freed,
    };
    // SAFETY: none but for "inside": that the process ends here is what is tested.
    assert_eq!(unsafe { place.read_volatile() }, 7);
}

/// The control: without it, a fence that nobody built would let every test pass.
#[test]
fn a_step_over_the_fence_is_fatal() {
    let run = |step: &str| {
        let test = format!("{}::step_over", module_path!());
        let test = test.split_once("::").unwrap().1;
        let mut child = Command::new(std::env::current_exe().unwrap());
        let child = child.args([test, "--exact"]).env(STEP, step);
        let output = child.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("running 1 test"), "{said}");
        output.status
    };
    assert!(run("inside").success());
    for step in ["before", "behind", "freed"] {
        assert_eq!(run(step).signal(), Some(SEGMENTATION_FAULT), "{step}");
    }
}
