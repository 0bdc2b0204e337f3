//! The characters of an identifier by their value, both ways in one step.

/// An alphabet in counting order; all of it ASCII.
pub(crate) struct Characters {
    all: &'static [u8],
    /// For each byte its value, [`NONE`] for bytes that are none of the characters.
    values: [u8; BYTES],
}

/// Values of a byte.
const BYTES: usize = 256;
/// The value of a byte that is none of the characters.
const NONE: u8 = u8::MAX;

impl Characters {
    /// An alphabet of fewer than 255 characters.
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which refuses a place outside the table"
    )]
    pub(crate) const fn new(all: &'static [u8]) -> Self {
        assert!(all.len() < NONE as usize);
        let mut values = [NONE; BYTES];
        let mut value = 0;
        while value < all.len() {
            values[all[value] as usize] = value as u8;
            value += 1;
        }
        Self { all, values }
    }

    /// The characters in counting order.
    pub(crate) const fn all(&self) -> &'static [u8] {
        self.all
    }

    /// How many there are.
    pub(crate) const fn radix(&self) -> u64 {
        self.all.len() as u64
    }

    /// The value of a character, or none where it is none of them.
    pub(crate) fn value(&self, character: u8) -> Option<u64> {
        let value = self.values.get(usize::from(character));
        value
            .filter(|value| **value != NONE)
            .map(|value| u64::from(*value))
    }

    pub(crate) fn contains(&self, character: u8) -> bool {
        self.value(character).is_some()
    }

    /// The character of a value, counted on from the first behind the last.
    pub(crate) fn at(&self, value: u64) -> char {
        let place = value.checked_rem(self.radix());
        let character = place.and_then(|place| self.all.get(usize::try_from(place).ok()?));
        character.copied().map_or('?', char::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_the_value_of_its_place_or_none() {
        let characters = Characters::new(b"ACE0");
        for byte in 0..=u8::MAX {
            let place = b"ACE0".iter().position(|of| *of == byte);
            assert_eq!(characters.value(byte), place.map(|place| place as u64));
        }
        assert_eq!([0, 3, 4].map(|value| characters.at(value)), ['A', '0', 'A']);
    }
}
