//! Where changes are delivered. Today the repository itself; hosted forges come beside it.

pub(crate) mod local;
