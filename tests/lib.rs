//! Holds the cross-crate tests; nothing to import.
