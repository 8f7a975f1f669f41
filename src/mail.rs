//! Bytes to facts and letters to bytes; pure.

pub mod compose;
pub mod template;
