//! The house rules of docs/ARCHITECTURE.md that no compiler keeps: which layer may name which, where
//! SQL and mail headers are written, how files begin and how long they are. Reads the sources as text;
//! comments and texts in quotes do not count, except where texts are what is looked for.

use regex::Regex;

use crate::sources::{Source, read_all};

/// A word that a layer may not use, and where such code belongs.
struct Ban {
    /// Path prefixes of the files that it binds.
    within: &'static [&'static str],
    /// Path prefixes of files below these that may.
    except: &'static [&'static str],
    pattern: &'static str,
    /// Whether texts in quotes are looked at too.
    look_at: Look,
    belongs: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Code,
    CodeAndTexts,
}

const PURE: &[&str] = &["src/core", "src/mail", "src/print"];
const SOURCES: &[&str] = &["src/"];

const BANS: &[Ban] = &[
    Ban {
        within: &["src/core"],
        except: &[],
        pattern: r"\bcrate::(mail|print|ports|shell|adapters|config|commands|report)\b",
        look_at: Look::Code,
        belongs: "core knows no other layer: pass what it needs as a value, or move the code up",
    },
    Ban {
        within: &["src/mail", "src/print"],
        except: &[],
        pattern: r"\bcrate::(ports|shell|adapters|config|commands|report)\b",
        look_at: Look::Code,
        belongs: "mail and print know core only: take plain values, and let commands join them",
    },
    Ban {
        within: &["src/ports.rs"],
        except: &[],
        pattern: r"\bcrate::(shell|adapters|config|commands|report)\b",
        look_at: Look::Code,
        belongs: "ports are shapes over core: adapters implement them, shell uses them",
    },
    Ban {
        within: &["src/shell"],
        except: &[],
        pattern: r"\bcrate::(adapters|config|commands|report)\b",
        look_at: Look::Code,
        belongs: "shell reaches the world through ports only: join it with an adapter in commands",
    },
    Ban {
        within: &["src/adapters"],
        except: &[],
        pattern: r"\bcrate::(shell|config|commands|report)\b",
        look_at: Look::Code,
        belongs: "an adapter knows its port only: what shell and adapter share belongs to ports or core",
    },
    Ban {
        within: &["src/config"],
        except: &[],
        pattern: r"\bcrate::(mail|print|ports|shell|adapters|commands|report)\b",
        look_at: Look::Code,
        belongs: "config gives plain values: turn them into settings of an adapter in commands",
    },
    Ban {
        within: PURE,
        except: &[],
        pattern: r"\b(std::(fs|net|env|thread|process)|tokio|sqlx|rand|async_trait|lettre::transport|async_imap)::",
        look_at: Look::Code,
        belongs: "core, mail and print are pure: input and output belong to adapters, behind a port",
    },
    Ban {
        within: PURE,
        except: &[],
        pattern: r"\b(async fn|async move|async \{|\.await)\b",
        look_at: Look::Code,
        belongs: "core, mail and print are synchronous: waiting belongs to shell",
    },
    Ban {
        within: &["src/core"],
        except: &[],
        pattern: r"\bHash(Map|Set)\b",
        look_at: Look::Code,
        belongs: "order must be the same every time in core: use BTreeMap or BTreeSet",
    },
    Ban {
        within: SOURCES,
        except: &["src/adapters/clock.rs", "src/shell/run.rs"],
        pattern: r"\b((SystemTime|Instant|Timestamp|Zoned|Utc|Local)::now\(|thread::sleep\b|time::sleep\b)",
        look_at: Look::Code,
        belongs: "only adapters/clock.rs and shell/run.rs ask the time or wait: take `now` as a parameter",
    },
    Ban {
        within: SOURCES,
        except: &["src/adapters/store"],
        pattern: r#"(?i)"\s*(select .+ from|insert into|update [a-z_]+ set|delete from|create (table|index|trigger))\b"#,
        look_at: Look::CodeAndTexts,
        belongs: "SQL belongs to adapters/store, behind the port Store",
    },
    Ban {
        within: SOURCES,
        except: &["src/adapters/store/journal.rs", "src/adapters/store/outbox.rs"],
        pattern: r"(?i)\b(insert into|update|delete from) (journal|outbox)\b",
        look_at: Look::CodeAndTexts,
        belongs: "journal and outbox are written by their own files in adapters/store, as part of a commit",
    },
    Ban {
        within: SOURCES,
        // The Maildir relay adds the trace of a final delivery (RFC 5321 §4.4), as any would.
        except: &["src/mail/compose", "src/adapters/maildir/relay.rs"],
        // With its line end: the name of a header alone may be told, as origin does.
        pattern: r#""(\\r\\n)?[A-Z][A-Za-z-]+: [^"]*\\r\\n|\blettre::message\b"#,
        look_at: Look::CodeAndTexts,
        belongs: "mail headers are written in mail/compose.rs only, where line ends in values are refused",
    },
    Ban {
        within: SOURCES,
        except: &[],
        pattern: r"\b(todo!|dbg!|unimplemented!)|#!?\[allow\(",
        look_at: Look::Code,
        belongs: "finish it, or use #[expect(…, reason = \"…\")] and say why",
    },
];

/// Longest file, in lines: beyond it nobody keeps it in mind.
const MOST_LINES: usize = 600;

/// Everything wrong with a file, each as `path:line: what. Where it belongs.`
fn sins(source: &Source) -> Vec<String> {
    let Source { path, text } = source;
    let mut sins = Vec::new();
    if !text.starts_with("//!") {
        sins.push(format!("{path}:1: begins without //!: say what the file is for and what is not in it"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        sins.push(format!(
            "{path}:{lines}: longer than {MOST_LINES} lines: move a part that stands alone out"
        ));
    }
    for ban in BANS.iter().filter(|ban| ban.binds(path)) {
        let pattern = Regex::new(ban.pattern).expect("a pattern");
        for (number, line) in ban.lines(text) {
            if let Some(found) = pattern.find(&line) {
                sins.push(format!("{path}:{number}: `{}`. {}", found.as_str().trim(), ban.belongs));
            }
        }
    }
    sins
}

impl Ban {
    fn binds(&self, path: &str) -> bool {
        let under = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        under(self.within) && !under(self.except)
    }

    /// The lines of the program itself, numbered from 1, without comments and tests.
    fn lines<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, String)> + use<'t> {
        let texts_too = self.look_at == Look::CodeAndTexts;
        text.lines()
            .enumerate()
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .map(move |(i, line)| (i + 1, if texts_too { without_comment(line) } else { code_of(line) }))
    }
}

fn without_comment(line: &str) -> String {
    if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() }
}

/// A line without what stands in double quotes or behind `//`.
fn code_of(line: &str) -> String {
    let mut code = String::new();
    let mut inside = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if inside => {
                chars.next();
            }
            // The character literal '"' opens no text.
            '"' if !inside && code.ends_with('\'') => {}
            '"' => inside = !inside,
            '/' if !inside && chars.peek() == Some(&'/') => break,
            _ if !inside => code.push(c),
            _ => {}
        }
    }
    code
}

#[test]
fn the_sources_keep_the_rules_of_the_house() {
    let sins: Vec<String> = read_all(&["src"]).iter().flat_map(sins).collect();
    assert!(sins.is_empty(), "\n{}\n(see docs/ARCHITECTURE.md)", sins.join("\n"));
}

#[test]
fn tests_and_benches_say_what_they_are_for_and_stay_short() {
    let sins: Vec<String> = read_all(&["tests"]).iter().flat_map(sins).collect();
    assert!(sins.is_empty(), "\n{}", sins.join("\n"));
}

#[test]
fn both_databases_have_the_same_migrations() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |folder: &str| -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"), "migrations/sqlite and migrations/postgres");
}

#[test]
fn planted_sins_are_found_and_told_with_the_place_where_the_code_belongs() {
    let planted = [
        ("src/core/case.rs", "use crate::ports::Store;", "core knows no other layer"),
        ("src/core/decide/x.rs", "let m: HashMap<u8, u8> = x;", "BTreeMap"),
        ("src/core/ids.rs", "let t = std::fs::read(p);", "are pure"),
        ("src/mail/read.rs", "use crate::config::Desk;", "mail and print know core only"),
        ("src/mail/reply.rs", "use tokio::sync::Mutex;", "are pure"),
        ("src/mail/origin.rs", "pub async fn origin() {}", "synchronous"),
        ("src/ports.rs", "use crate::shell::Desk;", "ports are shapes"),
        ("src/shell/intake.rs", "use crate::adapters::imap::Imap;", "through ports only"),
        ("src/shell.rs", "use crate::adapters::imap::Imap;", "through ports only"),
        ("src/adapters/imap.rs", "use crate::shell::limits::HOUR;", "knows its port only"),
        ("src/config/read.rs", "use crate::adapters::imap::Imap;", "plain values"),
        ("src/shell/triage.rs", "let now = Timestamp::now();", "take `now` as a parameter"),
        ("src/adapters/smtp.rs", "tokio::time::sleep(wait).await;", "take `now` as a parameter"),
        ("src/commands/case.rs", "query(\"SELECT body FROM cases\")", "adapters/store"),
        ("src/adapters/store/cases.rs", "query(\"UPDATE outbox SET state = $1\")", "as part of a commit"),
        ("src/adapters/smtp.rs", "let h = format!(\"Reply-To: {x}\\r\\n\");", "mail/compose.rs only"),
        ("src/shell/outbox.rs", "#[allow(dead_code)]", "#[expect("),
        ("src/commands.rs", "todo!()", "finish it"),
    ];
    for (path, line, told) in planted {
        let source = Source { path: path.to_owned(), text: format!("//! x\n\n{line}\n") };
        let sins = sins(&source);
        assert_eq!(sins.len(), 1, "{path}: {line}: {sins:?}");
        assert!(sins[0].starts_with(&format!("{path}:3: ")) && sins[0].contains(told), "{sins:?}");
    }
    let bare = Source { path: "src/core/x.rs".to_owned(), text: "fn x() {}\n".repeat(MOST_LINES + 1) };
    let told = sins(&bare).join("\n");
    assert!(told.contains("begins without //!") && told.contains("longer than 600 lines"), "{told}");
}

#[test]
fn what_is_allowed_is_not_told() {
    let innocent = [
        ("src/core/case.rs", "/// Like `crate::ports::Store`, which is not used here."),
        ("src/core/case.rs", "let text = \"crate::ports and HashMap, https://tokio::\";"),
        ("src/core/case.rs", "use crate::core::facts::MailFacts; // not crate::shell"),
        ("src/mail/read.rs", "use crate::core::facts::MailFacts;"),
        ("src/shell/run.rs", "let now = Timestamp::now();"),
        ("src/adapters/store/cases.rs", "query(\"SELECT body FROM cases\")"),
        ("src/mail/compose.rs", "format!(\"Reply-To: {x}\\r\\n\");"),
        ("src/mail/origin.rs", "signal(\"Auto-Submitted: auto-replied\");"),
        ("src/adapters/smtp.rs", "tokio::time::timeout(wait, send).await;"),
        ("src/core/x.rs", "#[cfg(test)]\nmod tests { use std::collections::HashMap; }"),
        ("src/mail/text.rs", "let quote = '\"'; let after = x; // crate::shell"),
    ];
    for (path, line) in innocent {
        let source = Source { path: path.to_owned(), text: format!("//! x\n\n{line}\n") };
        assert_eq!(sins(&source), Vec::<String>::new(), "{path}: {line}");
    }
}
