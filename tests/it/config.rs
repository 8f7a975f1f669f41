//! Settings: what is accepted, and that every mistake is told at once, in words that mend it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use complaintd::config::{
    AnswerSince, Config, Hold, MailboxKind, Mistake, Need, RelayKind, SenderCheck, Tls, keys, load, load_for,
};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The least that loads: Maildir in and out, the calendar inline.
const LEAST: &str = r#"
[desk]
name = "Essai"
mailbox = "info@essai.example"
timezone = "America/Marigot"
calendar = { version = "none-1", holidays = [] }
alerts = ["anne@essai.example"]
phone = "+590 590 12 34 56"
postal = ["1 rue Haute", "97150 SAINT MARTIN"]
website = "https://essai.example"
privacy_url = "https://essai.example/donnees"
key = { file = "key" }

[[mailboxes]]
name = "info"
kind = "maildir"
path = "in"

[relay]
kind = "maildir"
path = "out"
"#;

struct Place {
    dir: TempDir,
    environment: BTreeMap<String, String>,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(dir.path().join("key"), "k".repeat(40) + "\n").expect("the key");
        Self { dir, environment: BTreeMap::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn load(&self, text: &str) -> Result<Config, Vec<Mistake>> {
        let file = self.dir.path().join("complaintd.toml");
        std::fs::write(&file, text).expect("the settings");
        load(&file, &self.environment)
    }

    fn mistakes(&self, text: &str) -> Vec<String> {
        let mistakes = self.load(text).expect_err("these settings have mistakes");
        mistakes.iter().map(ToString::to_string).collect()
    }
}

/// A credentials directory as systemd gives it.
fn credentials() -> (TempDir, BTreeMap<String, String>) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for name in ["token-key", "mailbox-info-password", "relay-password"] {
        std::fs::write(dir.path().join(name), format!("{name} {}", "x".repeat(32))).expect("a secret");
    }
    let path = dir.path().to_str().expect("UTF-8").to_owned();
    (dir, BTreeMap::from([("CREDENTIALS_DIRECTORY".to_owned(), path)]))
}

fn shipped(name: &str) -> PathBuf {
    Path::new(ROOT).join("config").join(name)
}

#[test]
fn the_least_that_is_written_loads_with_the_defaults() {
    let place = Place::new();
    let config = place.load(LEAST).expect("these settings are right");
    assert_eq!(config.desk.answer_since, AnswerSince::Activation);
    assert_eq!(config.desk.hold, Hold::Off);
    assert_eq!(config.desk.legal_name, "Essai");
    let MailboxKind::Maildir { path, filed, .. } = &config.mailboxes[0].kind else {
        panic!("a Maildir was asked for")
    };
    assert_eq!(path, &place.dir.path().join("in"), "paths are relative to the file");
    assert_eq!(filed.as_deref(), Some(place.dir.path().join("in/.Traité").as_path()));
    assert!(matches!(config.relay.kind, RelayKind::Maildir { .. }));
    assert_eq!(config.store.url, "sqlite:/var/lib/complaintd/complaintd.db");
    assert_eq!(config.limits.ack_watch_hours, [12, 24, 36]);
}

#[test]
fn the_policy_takes_over_what_the_settings_say() {
    let text = LEAST.replace("alerts =", "aliases = [\"post@essai.example\"]\nalerts =");
    let config = Place::new().load(&text).expect("these settings are right");
    let since = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let policy = config.policy(since);
    assert_eq!(policy.answer_since, since);
    assert!(policy.own.contains(&policy.mailbox), "the mailbox is one of our own addresses");
    assert_eq!(policy.own.len(), 2);
    assert_eq!(policy.alerts, config.desk.alerts);
    assert!(policy.staff.contains(&policy.alerts[0]), "who answers a notice opens no case");
    assert!(policy.profile.admissibility && policy.profile.cap, "duties are on by default");
}

#[test]
fn all_mistakes_are_told_at_once_each_with_key_value_why_and_remedy() {
    let text = LEAST
        .replace("name = \"Essai\"", "naem = \"Essai\"")
        .replace("mailbox = \"info@essai.example\"", "mailbox = \"info\"")
        .replace("America/Marigot", "America/Mariott")
        .replace("path = \"out\"", "path = \"out\"\nport = \"many\"\ncolour = 1")
        + "[limits]\nletters_per_hour = \"many\"\nack_watch_hours = [36, 12]\n[lgo]\nlevel = \"info\"\n";
    let told = Place::new().mistakes(&text);
    let expected = [
        "desk.mailbox = \"info\": \"info\" is not a mail address: write it as name@domain. Write a mail address \
         in double quotes, as \"info@example.com\".",
        "desk.naem: is no key of this section. Did you mean \"name\"? Else take the line out.",
        "desk.name: is missing. Write the company's name in letters, as \"Divikeys\".",
        "desk.timezone = \"America/Mariott\": is no time zone that is known. Write a zone of the tz database, \
         as \"America/Marigot\" or \"Europe/Paris\".",
        "lgo: is no key of this section. Did you mean \"log\"? Else take the line out.",
        "limits.ack_watch_hours = [36,12]: must be hours that rise, from 1 to 47, one or more (PROCEDURE 5.1). \
         Write them in order, as [12, 24, 36].",
        "limits.letters_per_hour = \"many\": is a text. Write a whole number from 0 on, without quotes.",
        "relay.port = \"many\": is a text. Write a whole number from 0 to 65535, without quotes.",
        "relay.port = \"many\": belongs to kind = \"smtp\". Take the line out, or write kind = \"smtp\".",
    ];
    for line in expected {
        assert!(told.iter().any(|each| each == line), "missing:\n{line}\namong:\n{}", told.join("\n"));
    }
    assert!(told.iter().any(|each| each.starts_with("relay.colour: is no key")), "{told:#?}");
    assert_eq!(told.len(), expected.len() + 1, "{told:#?}");
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_told_with_its_path_and_line() {
    let nowhere = load(Path::new("/nowhere/complaintd.toml"), &BTreeMap::new()).expect_err("no file");
    assert!(nowhere[0].to_string().contains("/nowhere/complaintd.toml cannot be read"), "{}", nowhere[0]);
    let told = Place::new().mistakes("[desk]\nname = Essai\n");
    assert!(told[0].contains("is not TOML") && told[0].contains("line 2"), "{told:?}");
}

#[test]
fn the_environment_overrides_the_file_in_every_type() {
    let text = LEAST.replace("path = \"in\"", "host = \"mx\"").replace("\"maildir\"\nhost", "\"imap\"\nhost")
        + "[limits]\nmail_bytes = 100000\n";
    let config = Place::new()
        .with("COMPLAINTD__LIMITS__MAIL_BYTES", "200000")
        .with("COMPLAINTD__LIMITS__RETRY_MINUTES", "1, 2,3")
        .with("COMPLAINTD__DESK__HOLD", "true")
        .with("COMPLAINTD__DESK__PHONE", "0590123456")
        .with("COMPLAINTD__DESK__ALERTS", "a@essai.example,b@essai.example")
        .with("COMPLAINTD__MAILBOXES__0__HOST", "localhost")
        .with("COMPLAINTD__MAILBOXES__0__TLS", "plain")
        .with("COMPLAINTD__MAILBOXES__0__USER", "info")
        .with("COMPLAINTD__MAILBOXES__0__PASSWORD__ENV", "MAIL_PASSWORD")
        .with("MAIL_PASSWORD", "geheim")
        .load(&text)
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(config.limits.mail_bytes, 200_000);
    assert_eq!(config.limits.retry_after.len(), 3);
    assert_eq!(config.desk.hold, Hold::On);
    assert_eq!(config.desk.phone, "0590123456", "a text keeps its zero");
    assert_eq!(config.desk.alerts.len(), 2);
    let MailboxKind::Imap { server, login, .. } = &config.mailboxes[0].kind else { panic!("IMAP") };
    assert_eq!((server.host.as_str(), server.port, server.tls), ("localhost", 143, Tls::Plain));
    assert_eq!(login.password.expose_secret(), "geheim");
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    let told = Place::new().with("COMPLAINTD__LIMITS__MAIL_BYTES", "big").mistakes(LEAST);
    assert_eq!(
        told,
        [
            "limits.mail_bytes = \"big\" (set by COMPLAINTD__LIMITS__MAIL_BYTES): is a text. Write a whole number \
          from 0 on, without quotes."
        ]
    );
    let told = Place::new().with("COMPLAINTD__DESK__PHNOE", "1").mistakes(LEAST);
    assert!(told[0].contains("set by COMPLAINTD__DESK__PHNOE") && told[0].contains("\"phone\""), "{told:?}");
    let told = Place::new().with("COMPLAINTD__0__ÉTÉ", "1").mistakes(LEAST);
    assert!(told[0].contains("COMPLAINTD__0__ÉTÉ names no key"), "{told:?}");
}

#[test]
fn a_secret_is_never_literal_and_never_shown() {
    let text = LEAST.replace("key = { file = \"key\" }", "key = \"hunter2hunter2hunter2hunter2hunter2\"")
        + "[store]\nurl = \"postgres://desk:hunter2@db/desk\"\n";
    let told = Place::new().mistakes(&text).join("\n");
    assert!(told.contains("desk.key: a secret never stands in the settings"), "{told}");
    assert!(told.contains("store.url: has a password in it"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");

    let typed = Place::new().with("COMPLAINTD__RELAY__PASWORD", "hunter2").mistakes(LEAST).join("\n");
    assert!(typed.contains("relay.pasword") && !typed.contains("hunter2"), "{typed}");

    let config = Place::new().load(LEAST).expect("these settings are right");
    assert!(!format!("{config:?}").contains("kkkk"), "Debug output shows the key");
}

#[test]
fn the_password_of_the_store_is_put_into_the_address_to_connect_by() {
    let text = format!("{LEAST}[store]\nurl = \"postgres://desk@db/desk\"\npassword = {{ env = \"DB\" }}\n");
    let config = Place::new().with("DB", "a/b@c d").load(&text).expect("these settings are right");
    assert_eq!(config.store.connect_url().expose_secret(), "postgres://desk:a%2Fb%40c%20d@db/desk");
    assert_eq!(config.store.url, "postgres://desk@db/desk");
    let told = Place::new().with("DB", "x").mistakes(&text.replace("desk@db", "db")).join("\n");
    assert!(told.contains("names no account"), "{told}");
}

#[test]
fn a_secret_that_is_not_there_is_told_with_its_place() {
    for (kept, expected) in [
        ("{ file = \"gone\" }", "gone cannot be read"),
        ("{ env = \"GONE\" }", "the variable GONE is not set"),
        ("{ credential = \"gone\" }", "systemd did not start this process"),
        ("{ credential = \"../gone\" }", "is no name of a credential"),
        ("{ file = \"a\", env = \"b\" }", "more than one place"),
        ("{ fiel = \"a\" }", "Did you mean \"file\"?"),
    ] {
        let told = Place::new().mistakes(&LEAST.replace("{ file = \"key\" }", kept)).join("\n");
        assert!(told.contains(expected), "{kept}: {told}");
    }
    let place = Place::new();
    std::fs::write(place.dir.path().join("short"), "short").expect("a key");
    let told = place.mistakes(&LEAST.replace("\"key\" }", "\"short\" }")).join("\n");
    assert!(told.contains("is 5 bytes long"), "{told}");
}

#[test]
fn plain_goes_to_this_machine_only() {
    let smtp = |host: &str| {
        LEAST.replace(
            "kind = \"maildir\"\npath = \"out\"",
            &format!("kind = \"smtp\"\nhost = \"{host}\"\ntls = \"plain\""),
        )
    };
    for host in ["localhost", "127.0.0.1", "::1", "[::1]"] {
        let config = Place::new().load(&smtp(host)).unwrap_or_else(|told| panic!("{host}: {told:?}"));
        let RelayKind::Smtp { server, login, .. } = config.relay.kind else { panic!("SMTP") };
        assert_eq!(server.port, 25);
        assert!(login.is_none());
    }
    for host in ["mail.essai.example", "10.0.0.1", "localhost.essai.example"] {
        let told = Place::new().mistakes(&smtp(host)).join("\n");
        assert!(told.contains("relay.tls = \"plain\"") && told.contains("for all to read"), "{host}: {told}");
    }
}

#[test]
fn settings_that_contradict_each_other_are_told() {
    for (from, to, expected) in [
        (
            "path = \"in\"",
            "path = \"in\"\nfiled = \"x\"\nleave_in_place = true",
            "contradicts leave_in_place",
        ),
        ("path = \"in\"", "", "mailboxes[0].path: is missing"),
        (
            "path = \"in\"",
            "path = \"in\"\ntrusted_authserv_id = \"mx; dmarc=pass\"",
            "Authentication-Results",
        ),
        ("path = \"in\"", "path = \"in\"\nverify_dkim = \"yes\"", "mailboxes[0].verify_dkim"),
        ("kind = \"maildir\"\npath = \"in\"", "kind = \"imap\"", "mailboxes[0].host: is missing"),
        ("kind = \"maildir\"\npath = \"in\"", "kind = \"pop3\"", "is none of the words known here"),
        ("anne@essai.example", "INFO@essai.example", "its notices would come back to it"),
        ("[\"anne@essai.example\"]", "[]", "nobody would learn"),
        ("https://essai.example\"", "essai.example\"", "is no web address"),
        ("holidays = []", "holidays = [{ name = \"x\" }]", "0 of fixed, easter and once"),
        ("holidays = []", "holidays = [{ name = \"x\", fixed = \"13-01\" }]", "is no day of a year"),
        ("calendar = {", "calendar = \"gone.toml\" # {", "gone.toml cannot be read"),
        ("timezone =", "answer_since = \"soon\"\ntimezone =", "neither \"activation\" nor an instant"),
    ] {
        let told = Place::new().mistakes(&LEAST.replace(from, to)).join("\n");
        assert!(told.contains(expected), "{to}:\n{told}");
    }
    let twice = format!("{LEAST}\n[[mailboxes]]\nname = \"info\"\nkind = \"maildir\"\npath = \"x\"\n");
    assert!(Place::new().mistakes(&twice).join("\n").contains("is the name of another mailbox too"));
}

#[test]
fn one_way_to_examine_senders_is_chosen_for_each_mailbox() {
    for (line, chosen) in [
        ("", SenderCheck::Signature),
        ("verify_dkim = false", SenderCheck::Off),
        ("trusted_authserv_id = \"-\"", SenderCheck::Results { authserv_id: "-".to_owned() }),
        (
            "trusted_authserv_id = \"mx.essai.example\"\nverify_dkim = false",
            SenderCheck::Results { authserv_id: "mx.essai.example".to_owned() },
        ),
    ] {
        let text = LEAST.replace("path = \"in\"", &format!("path = \"in\"\n{line}"));
        let config = Place::new().load(&text).expect("these settings are right");
        assert_eq!(config.mailboxes[0].sender_check, chosen, "{line}");
    }
}

#[test]
fn an_explicit_backfill_is_an_instant_with_its_offset() {
    let text = LEAST.replace("timezone =", "answer_since = \"2026-11-01T08:00:00-04:00\"\ntimezone =");
    let config = Place::new().load(&text).expect("these settings are right");
    let instant = "2026-11-01T12:00:00Z".parse().expect("an instant");
    assert_eq!(config.desk.answer_since, AnswerSince::Instant(instant));
}

#[test]
fn the_commented_settings_load_and_explain_every_key() {
    let (_dir, environment) = credentials();
    let file = shipped("complaintd.toml");
    load(&file, &environment).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let text = std::fs::read_to_string(&file).expect("the file");
    let explained = explained_keys(&text);
    // An inline calendar has the form of a calendar file, which explains it.
    let asked = keys().into_iter().filter(|key| key.contains('.') && !key.starts_with("desk.calendar."));
    let missing: Vec<String> = asked.filter(|key| !explained.contains(key)).collect();
    assert!(missing.is_empty(), "config/complaintd.toml does not explain {missing:?}");
    let stale: Vec<&String> = explained.iter().filter(|key| !keys().contains(*key)).collect();
    assert!(stale.is_empty(), "config/complaintd.toml explains keys that are none: {stale:?}");
}

/// Keys that stand in the file, as settings or as `#key = default`.
fn explained_keys(text: &str) -> std::collections::BTreeSet<String> {
    let mut section = String::new();
    let mut keys = std::collections::BTreeSet::new();
    for line in text.lines() {
        if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
        } else if let Some((key, _)) = line.trim_start_matches('#').split_once(" = ")
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            keys.insert(format!("{section}.{key}"));
        }
    }
    keys
}

#[test]
fn the_defaults_in_the_commented_settings_are_those_of_the_program() {
    let (_dir, environment) = credentials();
    let file = shipped("complaintd.toml");
    let text = std::fs::read_to_string(&file).expect("the file");
    // Lines that only mean something for another kind, or that name files of an installation.
    let others =
        ["#path", "#ca_file", "#dir", "#password", "#variables", "#leave_in_place", "#trusted_authserv_id"];
    let spelled_out: String = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !line.starts_with("# ") && !others.iter().any(|o| line.starts_with(o)) => rest,
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let copy = dir.path().join("complaintd.toml");
    let absolute = shipped("calendars/saint-martin.toml");
    let absolute = format!("calendar = \"{}\"", absolute.display());
    std::fs::write(&copy, spelled_out.replace("calendar = \"calendars/saint-martin.toml\"", &absolute))
        .expect("the copy");
    let left_out = load(&file, &environment).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let written = load(&copy, &environment).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let without_name = |config: &Config| format!("{config:#?}").replace("Example SAS", "Example");
    assert_eq!(without_name(&left_out), without_name(&written));
}

#[test]
fn divikeys_settings_want_the_phone_number_and_nothing_else() {
    let (_dir, mut environment) = credentials();
    let file = shipped("divikeys.toml");
    let told: Vec<String> =
        load(&file, &environment).expect_err("a placeholder").iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("desk.phone = ") && told[0].contains("placeholder"), "{}", told[0]);
    environment.insert("COMPLAINTD__DESK__PHONE".to_owned(), "+590 590 12 34 56".to_owned());
    let config = load(&file, &environment).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(config.calendar.zone_name(), "America/Marigot");
    assert_eq!(config.desk.mailbox.as_str(), "info@divikeys.com");
}

#[test]
fn rules_and_store_alone_need_neither_secrets_of_others_nor_placeholders_filled_in() {
    for name in ["divikeys.toml", "complaintd.toml"] {
        for need in [Need::RulesOnly, Need::StoreOnly] {
            let read = load_for(need, &shipped(name), &BTreeMap::new());
            assert!(read.is_ok(), "{name} for {need:?}: {read:?}");
        }
    }
}

#[test]
fn to_look_into_the_store_its_password_is_read_and_no_other_secret() {
    let place = Place::new();
    let file = place.dir.path().join("complaintd.toml");
    let text = LEAST.replace("{ file = \"key\" }", "{ file = \"root-only\" }")
        + "[store]\nurl = \"postgres://desk@db/desk\"\npassword = { env = \"DB\" }\n";
    std::fs::write(&file, text).expect("the settings");
    let told = load_for(Need::StoreOnly, &file, &place.environment).expect_err("DB is not set");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].to_string().contains("store.password: the variable DB is not set"), "{}", told[0]);
    let environment = BTreeMap::from([("DB".to_owned(), "geheim".to_owned())]);
    let config = load_for(Need::StoreOnly, &file, &environment).expect("the store's password is there");
    assert_eq!(config.store.connect_url().expose_secret(), "postgres://desk:geheim@db/desk");
}

#[test]
fn an_empty_name_and_a_wrong_zone_are_told_beside_everything_else() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("complaintd.toml");
    std::fs::write(&file, "[desk]\nname = \" \"\ntimezone = \"Mars/Base\"\n").expect("writable");
    let mistakes = load_for(Need::Everything, &file, &BTreeMap::default()).expect_err("much is missing");
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    for words in ["desk.name = \" \": is empty", "desk.timezone = \"Mars/Base\": is no time zone"] {
        assert!(told.iter().any(|mistake| mistake.contains(words)), "{words}: {told:#?}");
    }
}
