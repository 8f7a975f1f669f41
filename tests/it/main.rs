//! One binary for all tests that need nothing but this process and a temporary folder.

mod letters;
