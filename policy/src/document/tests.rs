//! Policy documents as a person writes them, good and bad.
