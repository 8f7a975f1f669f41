//! Logs: to journald where it listens, as JSON or as text; without personal data, on standard error.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogFormat;

/// These write passwords, whole letters and senders' domains where they are asked for detail: never below
/// `info`, whatever the configuration says.
const QUIET: [&str; 4] = ["lettre", "async_imap", "imap_proto", "hickory"];

/// Begins to log; a second call changes nothing.
pub fn start(format: LogFormat, level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let discreet = FilterFn::new(|told| {
        *told.level() <= Level::INFO || !QUIET.iter().any(|module| told.target().starts_with(module))
    });
    let registry = tracing_subscriber::registry().with(filter).with(discreet);
    let under_systemd = std::env::var_os("JOURNAL_STREAM").is_some();
    let started = match format {
        LogFormat::Journald => journald(registry),
        LogFormat::Auto if under_systemd => journald(registry),
        LogFormat::Json => {
            registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()
        }
        LogFormat::Text | LogFormat::Auto => {
            let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            registry
                .with(tracing_subscriber::fmt::layer().with_ansi(color).with_writer(std::io::stderr))
                .try_init()
        }
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}

/// To journald's socket with fields; where it does not answer, as text, so that nothing is unsaid.
fn journald<S>(registry: S) -> Result<(), tracing_subscriber::util::TryInitError>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a> + Send + Sync,
{
    match tracing_journald::layer() {
        Ok(layer) => registry.with(layer).try_init(),
        Err(_) => registry
            .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr))
            .try_init(),
    }
}
