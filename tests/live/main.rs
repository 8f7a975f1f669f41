//! Tests against real servers on loopback, in one binary. A server that is not installed fails them.

#[path = "../conformance/mod.rs"]
mod conformance;
mod postgres;
mod store;
