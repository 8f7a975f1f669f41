//! Bytes to facts: what one received mail says, who or what wrote it.

pub mod reply;
pub mod understand;
