//! The adapter and the desk against a real clamd, which knows one signature: the standard test file's.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use complaintd::adapters::scanner::{ClamdScanner, ClamdSocket};
use complaintd::ports::{Scanner as _, Verdict};
use serde_json::Value;
use tempfile::TempDir;

use crate::lab::{Clamd, EICAR_PARTS, directory, find, run};

const LONGEST: Duration = Duration::from_secs(30);

fn both_ways(clamd: &Clamd) -> [ClamdScanner; 2] {
    let tcp = SocketAddr::from(([127, 0, 0, 1], clamd.port));
    [ClamdSocket::Unix(clamd.socket()), ClamdSocket::Tcp(tcp)]
        .map(|socket| ClamdScanner::new(socket, LONGEST))
}

/// A complaint with a document, encoded as mail programs do.
fn complaint(from: &str, document: &str, content: &[u8]) -> Vec<u8> {
    let file = directory("encode");
    fs::write(file.path().join("x"), content).unwrap();
    let encoded = run(Command::new(find("base64", "coreutils")).arg(file.path().join("x")));
    let encoded = encoded.replace('\n', "\r\n");
    format!(
        "From: Client <{from}>\r\nTo: info@lab.test\r\nSubject: Virement\r\nDate: Mon, 23 Nov 2026 08:58:00 -0400\r\n\
         Message-ID: <live.{from}>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nMon virement de 200 euros n'est jamais arrivé, je\r\n\
         suis très mécontent et je demande son remboursement.\r\n\
         --b\r\nContent-Type: application/pdf; name=\"{document}\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"{document}\"\r\n\r\n{encoded}\r\n--b--\r\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn clamd_takes_a_mail_apart_and_finds_the_test_file_in_it() {
    let clamd = Clamd::start();
    let virus = EICAR_PARTS.concat().into_bytes();
    let infected = complaint("a@lab.test", "facture.pdf", &virus);
    let clean = complaint("b@lab.test", "photo.pdf", b"%PDF-1.4 nothing");
    for scanner in both_ways(&clamd) {
        let about = scanner.about().await.unwrap();
        assert!(about.version.starts_with("ClamAV "), "{about:?}");
        for bytes in [&virus, &infected, &complaintd::adapters::scanner::test_file()] {
            let Verdict::Infected { signature } = scanner.scan(bytes).await.unwrap() else {
                panic!("not found")
            };
            assert!(signature.starts_with("Lab.Eicar"), "{signature}");
        }
        assert_eq!(scanner.scan(&clean).await.unwrap(), Verdict::Clean);
        assert_eq!(scanner.scan(b"").await.unwrap(), Verdict::Clean);
        // The lab's StreamMaxLength is 50 MB; what is just below it is taken.
        assert_eq!(scanner.scan(&vec![b'\n'; 49 << 20]).await.unwrap(), Verdict::Clean);
        assert_eq!(scanner.scan(&vec![b'\n'; 60 << 20]).await.unwrap(), Verdict::TooLarge);
    }
    // Many at once, each with the answer that is its own.
    let [scanner, _] = both_ways(&clamd);
    let looks = (0..200).map(|i| {
        let (scanner, infected, clean) = (&scanner, &infected, &clean);
        async move {
            let found = scanner.scan(if i % 2 == 0 { infected } else { clean }).await.unwrap();
            assert_eq!(found == Verdict::Clean, i % 2 == 1);
        }
    });
    futures::future::join_all(looks).await;
}

/// A desk on this machine that needs no other server.
struct Desk {
    directory: TempDir,
}

impl Desk {
    fn new(socket: &Path) -> Self {
        let directory = directory("scan");
        let root = directory.path();
        for folder in ["new", "cur", "tmp"] {
            fs::create_dir_all(root.join("in").join(folder)).unwrap();
        }
        fs::write(root.join("key"), "k".repeat(48)).unwrap();
        let calendar = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/calendars/saint-martin.toml");
        let settings = format!(
            "[desk]\nname = \"Lab\"\nmailbox = \"info@lab.test\"\ntimezone = \"America/Marigot\"\n\
             calendar = \"{}\"\nanswer_since = \"2020-01-01T00:00:00Z\"\nalerts = [\"staff1@lab.test\"]\n\
             phone = \"+590 590 55 01 00\"\npostal = [\"1 rue Haute\"]\nwebsite = \"https://lab.test\"\n\
             privacy_url = \"https://lab.test/privacy\"\nkey = {{ file = \"key\" }}\n\
             [[mailboxes]]\nname = \"info\"\nkind = \"maildir\"\npath = \"in\"\n\
             [relay]\nkind = \"maildir\"\npath = \"out\"\n[store]\nurl = \"sqlite:desk.db\"\n\
             [scanner]\nsocket = \"{}\"\n",
            calendar.display(),
            socket.display()
        );
        fs::write(root.join("desk.toml"), settings).unwrap();
        Self { directory }
    }

    fn arrives(&self, name: &str, mail: &[u8]) {
        fs::write(self.directory.path().join("in/new").join(name), mail).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_complaintd");
        let settings = self.directory.path().join("desk.toml");
        Command::new(program).args(arguments).arg("-c").arg(settings).output().unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    }

    fn shows(&self) -> Vec<Value> {
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("one object a line");
        let list = String::from_utf8(self.command(&["case", "list", "--json"]).stdout).unwrap();
        list.lines()
            .map(|line| {
                let reference = read(line)["reference"].as_str().unwrap().to_owned();
                let shown = self.command(&["case", "show", &reference, "--json"]).stdout;
                read(&String::from_utf8(shown).unwrap())
            })
            .collect()
    }
}

#[test]
fn a_desk_with_a_real_scanner_that_goes_down_and_comes_back() {
    let clamd = Clamd::start();
    let desk = Desk::new(&clamd.socket());
    let virus = EICAR_PARTS.concat().into_bytes();
    let check = desk.says(&["check"]);
    let line = check.lines().find(|line| line.contains("virus scanner")).expect("a row").to_owned();
    assert!(line.starts_with("ok") && line.contains("ClamAV ") && line.contains("Lab.Eicar"), "{check}");

    desk.arrives("1", &complaint("marie@client.example", "facture.pdf", &virus));
    assert!(desk.command(&["run", "--once"]).status.success());
    let cases = desk.shows();
    assert!(!cases[0]["acknowledged_at"].is_null(), "{cases:#?}");
    let document = &cases[0]["documents"][0];
    let verdict = document["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("withheld: virus Lab.Eicar"), "{document}");
    assert!(document["kept_back"].as_str().unwrap().starts_with("virus Lab.Eicar"));
    assert_eq!(cases[0]["attention"][0]["attention"], "virus_found");

    // Down: nobody waits for it, and STATUS's words tell.
    let socket = clamd.socket();
    drop(clamd);
    desk.arrives("2", &complaint("john@client.example", "invoice.pdf", &virus));
    let said = desk.says(&["run", "--once"]);
    assert!(said.contains("1 mails not scanned for viruses"), "{said}");
    let cases = desk.shows();
    assert!(!cases[1]["acknowledged_at"].is_null());
    assert_eq!(cases[1]["documents"][0]["verdict"], "unscanned");
    assert!(cases[1]["documents"][0]["kept_back"].as_str().unwrap().contains("not looked at"));
    let check = desk.command(&["check"]);
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(1));
    assert!(told.contains("FAIL  virus scanner") && told.contains("clamav-daemon"), "{told}");

    // Back, at the same place.
    let clamd = Clamd::start();
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(clamd.socket(), &socket).unwrap();
    assert!(desk.command(&["run", "--once"]).status.success());
    let cases = desk.shows();
    assert!(
        cases[1]["documents"][0]["verdict"].as_str().unwrap().starts_with("withheld: virus"),
        "{cases:#?}"
    );
    let verified = desk.says(&["verify"]);
    assert!(verified.contains("everything holds"), "{verified}");
    fs::remove_dir_all(socket.parent().unwrap()).unwrap();
}
