//! The world behind the ports: the database. Implements `ports`; never sees `shell`.

pub mod store;
