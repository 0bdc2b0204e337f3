//! The sampler from outside, through its public API alone.

#[cfg(test)]
mod adult;
