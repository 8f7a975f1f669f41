//! What the procedure means. Pure: no clock, no randomness, no input or output, no error: a refusal
//! is an event too. The rules are those of `docs/PROCEDURE.md`, cited by paragraph.

pub mod authenticity;
pub mod calendar;
pub mod case;
pub mod command;
pub mod decide;
pub mod event;
pub mod facts;
pub mod fold;
pub mod ids;
pub mod letter;
pub mod policy;
pub mod reference;
pub mod route;
pub mod scan;
pub mod thread;
pub mod token;
