//! Outlook's messages as files (`.msg`) and within winmail.dat: words, files, damage and malice. The
//! samples are those of `tests/data/attachments` (see its `make.py`).

use complaintd::core::facts::{Intent, Origin};

use super::attachments::{WORDS, documents, names, sample, warns, with_part};
use super::corpus::{self, facts};

#[test]
fn trap_23_a_complaint_in_an_outlook_message_is_read_as_one() {
    let (message, releve) = ("Virement manquant.msg", "Relevé d’octobre.pdf");
    let paul = "paul.etienne@autre.example";
    for (file, by, logos, files) in [
        ("msg-plain.eml", paul, 1, &[message, releve, "Re_ dossier.msg", "photo.jpg"][..]),
        ("msg-html.eml", paul, 1, &[message, releve]),
        ("msg-rtf.eml", "Paul Étienne", 0, &["brouillon.msg"]),
        ("msg-signed.eml", paul, 0, &[message, "releve.pdf"]),
    ] {
        let read = sample(file);
        assert_eq!(read.reply_text, format!("Bonjour,\n\nVoir ci-joint.\n\n{WORDS}"), "{file}");
        assert_eq!(names(&read), files, "{file}");
        assert_eq!(read.intent, Some(Intent::Complaint), "{file}");
        assert!(documents(&read).iter().all(|(_, _, verdict)| *verdict == "unscanned"), "{file}");
        let shown = read.attachments.iter().filter(|each| each.inline && each.name == "image001.png").count();
        assert_eq!(shown, logos, "{file}");
        assert_eq!(read.contact.name.as_deref(), Some("Solène Marchand"), "{file}: the outer sender");
        assert_eq!(read.contact.phone, None, "{file}: the telephone is that of somebody else");
        assert!(read.quoted_text.contains("06 12 34 56 78"), "{file}: and still no word is lost");
        assert!(warns(&read, &format!("of an attached mail by {by}")), "{file}: {:?}", read.warnings);
    }
    let read = sample("msg-plain.eml");
    let sizes: Vec<u64> = read.documents().map(|each| each.bytes).collect();
    assert_eq!((sizes[1], sizes[3]), (69, 5_004), "the files are whole");
    assert_eq!(read.attachments[0].media_type, "application/vnd.ms-outlook");
}

#[test]
fn an_outlook_message_is_no_word_of_the_person_who_says_something_or_of_a_machine() {
    let path = corpus::folder().join("../attachments/msg-plain.eml");
    let whole = std::fs::read_to_string(path).expect("a sample");
    let said = whole.replace("Voir ci-joint.", "Je conteste les frais de 12 euros que vous avez pris.");
    let read = facts(said.as_bytes());
    assert!(!read.reply_text.contains("480 euros") && names(&read).len() == 4);
    let file = sample_file("msg-plain.eml");
    for (ours, theirs) in [
        // Who wrote it, under all the names that Outlook keeps.
        ("info@divikeys.com\0", "paul.etienne@autre.example"),
        ("Auto-Submitted: auto-replied\r\n", "Received: from mx.autre.example by "),
        ("List-Id: <x.list.example>\r\nX: ", "Received: from mx.autre.example by "),
        ("REPORT.\0", "IPM.Note"),
    ] {
        let altered = replaced(&file, theirs, ours);
        let body = data_encoding::BASE64.encode(&altered);
        let head =
            "Content-Type: application/vnd.ms-outlook; name=x.msg\r\nContent-Transfer-Encoding: base64";
        let read = with_part("voir ci-joint", head, &body);
        assert_eq!((read.reply_text.as_str(), read.origin), ("voir ci-joint", Origin::Human), "{ours}");
        assert!(read.quoted_text.contains("480 euros"), "{ours}: no word is lost");
    }
}

/// The file that a sample has as its last part.
fn sample_file(name: &str) -> Vec<u8> {
    let path = corpus::folder().join("../attachments").join(name);
    let whole = std::fs::read_to_string(path).expect("a sample").replace("\r\n", "\n");
    let part = whole.rsplit("\n--=_b\n").next().expect("a part");
    let body = part.split_once("\n\n").expect("its headers").1.split("\n--=_b--").next().expect("its body");
    data_encoding::BASE64.decode(body.replace('\n', "").as_bytes()).expect("base64")
}

/// Every occurrence of a text in UTF-16, with another in its place that is filled up with blanks.
fn replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (from, mut to) = (wide(from), wide(to));
    while to.len() < from.len() {
        to.extend(wide(if to.ends_with(b"\0\0") { "\0" } else { " " }));
    }
    let mut out = file.to_vec();
    for at in 0..file.len().saturating_sub(from.len()) {
        if file[at..].starts_with(&from) {
            out[at..at + to.len()].copy_from_slice(&to);
        }
    }
    assert_ne!(out, file, "there is something to replace");
    out
}

#[test]
fn a_dangerous_file_in_an_outlook_message_is_withheld_and_the_message_as_well() {
    let read = sample("msg-dangerous.eml");
    let verdicts: Vec<_> = documents(&read).into_iter().map(|(name, _, verdict)| (name, verdict)).collect();
    let mail = "withheld: a mail with a dangerous file in it";
    assert_eq!(
        verdicts,
        [
            ("Virement manquant.msg", mail),
            ("facture.pdf.exe", "withheld: a program (.exe) under the look of a document (.pdf)"),
            ("Objet", "withheld: a document with an embedded file"),
            ("Tableau.xlsx", "withheld: it only names a file elsewhere, which is not fetched"),
            ("TR_ lisez.msg", mail),
            ("lire.js", "withheld: a program (.js)"),
        ]
    );
}

#[test]
fn an_outlook_message_is_known_by_what_it_holds_and_a_damaged_one_is_withheld() {
    let file = sample_file("msg-plain.eml");
    let attached = |name: &str, content: &[u8]| {
        let head = format!(
            "Content-Type: application/octet-stream; name=\"{name}\"\r\nContent-Transfer-Encoding: base64"
        );
        with_part("voir ci-joint", &head, &data_encoding::BASE64.encode(content))
    };
    assert_eq!(
        names(&attached("lettre", &file)),
        ["lettre", "Relevé d’octobre.pdf", "Re_ dossier.msg", "photo.jpg"]
    );
    let damaged = "withheld: a mail that cannot be looked into as a whole";
    for at in (0..file.len()).step_by(512) {
        let read = attached("lettre.msg", &file[..at]);
        let expected = if at == 0 { "unscanned" } else { damaged };
        assert_eq!(read.attachments[0].verdict, expected, "cut at {at}");
    }
    assert_eq!(attached("lettre.msg", b"no such file").attachments[0].verdict, "unscanned", "as with .eml");
}

#[test]
fn trap_4_an_outlook_message_whose_tables_lie_is_read_and_no_byte_twice() {
    let file = sample_file("msg-plain.eml");
    let whole: u64 = sum(&[&file]);
    let table = u32::from_le_bytes(file[76..80].try_into().unwrap()) as usize * 512 + 512;
    let directory = u32::from_le_bytes(file[48..52].try_into().unwrap()) as usize * 512 + 512;
    let mut lies: Vec<Vec<u8>> = Vec::new();
    for value in [0_u32, 1, 2, 7, 0x7FFF_FFFF, u32::MAX - 1, u32::MAX] {
        // Each number of the header, of the table of sectors, and of the first entries of the directory.
        let places = (24..100)
            .step_by(4)
            .chain((table..table + 512).step_by(4))
            .chain((directory..directory + 1_024).step_by(4));
        for at in places {
            let mut lie = file.clone();
            lie[at..at + 4].copy_from_slice(&value.to_le_bytes());
            lies.push(lie);
        }
        // Every chain leads to the same sector; every list of tables as well.
        let mut lie = file.clone();
        lie[table..table + 512].copy_from_slice(&value.to_le_bytes().repeat(128));
        lies.push(lie);
    }
    for lie in lies {
        let read = complaintd::mail::msg::read(&lie);
        assert!(read.is_none_or(|message| size_of(&message) <= 2 * whole));
    }
}

fn sum(each: &[&[u8]]) -> u64 {
    each.iter().map(|bytes| bytes.len() as u64).sum()
}

fn size_of(message: &complaintd::mail::mapi::Message<'_>) -> u64 {
    let own = [message.plain.as_deref().unwrap_or_default(), message.html.as_deref().unwrap_or_default()];
    let own = sum(&own.map(str::as_bytes));
    let files =
        message.files.iter().map(|file| sum(&[&file.content]) + file.message.as_deref().map_or(0, size_of));
    own + files.sum::<u64>()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test measures")]
fn trap_4_compound_files_that_swell_cost_little() {
    let file = sample_file("msg-plain.eml");
    // Lists of tables, each of which names the same table a hundred and twenty-seven times.
    let first = u32::try_from(file.len() / 512 - 1).unwrap();
    let mut lists = file.clone();
    lists[68..72].copy_from_slice(&first.to_le_bytes());
    for list in first..first + 20_000 {
        lists.extend(file[76..80].repeat(127));
        lists.extend((list + 1).to_le_bytes());
    }
    // Streams that all lie in one long chain, each of which begins one sector after the other.
    let (tables, listed, data) = (100_u32, 2_000_u32, 10_000_u32);
    let mut chain = file[..48].to_vec();
    chain.extend([tables, 0, 4_096, u32::MAX - 1, 0, u32::MAX - 1, 0].map(u32::to_le_bytes).concat());
    chain.extend((0..109).flat_map(|table| if table < tables { table } else { u32::MAX }.to_le_bytes()));
    chain[44..52].copy_from_slice(&[tables, tables].map(u32::to_le_bytes).concat());
    let ends = [tables + listed - 1, tables + listed + data - 1];
    chain.extend(
        (0..tables * 128).flat_map(|at| if ends.contains(&at) { u32::MAX - 1 } else { at + 1 }.to_le_bytes()),
    );
    for id in 0..listed * 4 {
        let name = match id {
            0 => "Root Entry".to_owned(),
            1 => "__properties_version1.0".to_owned(),
            id => format!("__substg1.0_{id:04X}001F"),
        };
        let mut wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(wide.len() + 2).unwrap();
        wide.resize(64, 0);
        chain.extend([wide, length.to_le_bytes().to_vec(), vec![if id == 0 { 5 } else { 2 }, 1]].concat());
        let (next, child) = if id == 0 { (u32::MAX, 1) } else { (id + 1, u32::MAX) };
        chain.extend([u32::MAX, next, child].map(u32::to_le_bytes).concat());
        let start = if id == 0 { u32::MAX - 1 } else { tables + listed + id };
        chain.extend(
            [vec![0; 36], start.to_le_bytes().to_vec(), (data * 512).to_le_bytes().to_vec(), vec![0; 4]]
                .concat(),
        );
    }
    chain.extend(vec![b' '; data as usize * 512]);
    for (bomb, whole) in [(lists, true), (chain, false)] {
        let started = std::time::Instant::now();
        let read = complaintd::mail::msg::read(&bomb).expect("a message");
        let taken = started.elapsed();
        assert_eq!(!read.incomplete, whole);
        assert!(taken.as_millis() < 3_000, "{taken:?}");
    }
}

#[test]
fn trap_4_outlook_messages_within_each_other_are_opened_so_far_and_no_further() {
    let mut file = sample_file("msg-plain.eml");
    for _ in 0..9 {
        let body = data_encoding::BASE64.encode(&file);
        file = format!("From: a@b.example\r\nSubject: x\r\nContent-Type: application/vnd.ms-outlook; name=n.msg\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}").into_bytes();
    }
    let read = facts(&file);
    assert!(
        read.set_aside.is_none() && read.attachments.len() <= complaintd::mail::limits::MAX_CONTAINERS + 1
    );
}

#[test]
fn trap_4_messages_within_a_message_are_opened_so_far_and_no_further() {
    let read = sample("msg-deep.eml");
    assert_eq!(read.attachments.len(), complaintd::mail::limits::MAX_CONTAINERS + 1);
    for (level, each) in read.attachments.iter().enumerate() {
        assert_eq!(each.name, format!("niveau {}.msg", 9 - level));
        assert_eq!(each.verdict, "withheld: a mail that cannot be looked into as a whole");
    }
}

#[test]
fn trap_23_a_message_within_winmail_dat_is_read_for_its_words() {
    let read = sample("winmail-message.eml");
    assert_eq!(names(&read), ["Virement manquant.dat", "releve.pdf"]);
    assert_eq!(read.reply_text, format!("Voir ci-joint.\n\n{WORDS}"));
    assert!(warns(&read, "of an attached mail by paul.etienne@autre.example"), "{:?}", read.warnings);
    assert_eq!((read.intent, read.contact.phone), (Some(Intent::Complaint), None));
}
