//! Published vectors, and crate `fpe`'s own big-integer strings as the reference twin.
