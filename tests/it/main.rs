//! One binary for all tests that need nothing but this process and a temporary folder.

#[path = "../common/mod.rs"]
mod common;

mod calendar;
mod config;
mod histories;
mod procedure;
mod routes;
mod rules;
mod sources;
mod tidy;
