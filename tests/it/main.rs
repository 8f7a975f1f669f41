//! One binary for all tests that need nothing but this process and a temporary folder.

#[path = "../common/mod.rs"]
mod common;

mod calendar;
mod config;
mod procedure;
mod rules;
mod sources;
mod tidy;
