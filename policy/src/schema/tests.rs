//! Schema files as providers write them, good and bad.
