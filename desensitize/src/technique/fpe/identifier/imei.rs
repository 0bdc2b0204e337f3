//! Equipment identities: the type (eight digits) kept, the serial encrypted, the Luhn digit computed.

use super::{Numbering, luhn, unknown};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/imei/v1;8 digits kept;6 digits",
    sizes: &[10u64.pow(SERIAL as u32)],
    split: |imei| luhn::split(imei, TYPE, 0),
    join: |split, out| luhn::join(split, SERIAL, out),
    mark: luhn::mark,
    unmark: luhn::unmark,
    kept: (
        "the device's type (the first eight digits)",
        "设备型号（前八位）",
    ),
    somebodys: || {
        unknown(
            "every serial of a type that sold well is a device's",
            "热销型号的序列号可能已全部使用",
        )
    },
};

/// Digits of the type allocation code.
const TYPE: usize = 8;
/// Digits of the serial.
const SERIAL: usize = 6;
