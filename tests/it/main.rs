//! Tests that need no server, in one binary.

#[path = "../conformance/mod.rs"]
mod conformance;
mod migrations;
mod store;
