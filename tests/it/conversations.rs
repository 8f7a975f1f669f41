//! Conversations: named people write, the desk settles, and the letters are what they should be.

mod town;

mod attackers;
mod complaints;
mod crowds;
mod robots;
mod senders;
mod strangers;
mod trouble;
mod viruses;
