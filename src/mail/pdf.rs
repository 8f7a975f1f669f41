//! What a PDF could do when it is opened: scripts, programs that it starts, programs within it
//! (ISO 32000-1 §7.11.4, §12.6.4).
//!
//! Names are looked for where they stand, and in object streams (§7.5.7), which are inflated within
//! [`limits::MAX_PDF_OBJECT_BYTES`] and its like; no object is followed, nothing is carried out. Of an
//! encrypted PDF only the names are seen that are not in such streams: banks encrypt statements so that
//! nobody alters them, and anybody can open those.

mod packing;
mod syntax;

use std::ops::ControlFlow::{self, Break, Continue};

use self::packing::{Dictionary, Inflater, most_of};
use self::syntax::{begins_like_objects, begins_stream, name_at, number, string};
use super::danger;
use super::limits;

/// Why a PDF is withheld, if it is.
pub fn danger_of(content: &[u8]) -> Option<String> {
    let mut look = Look::new(content.len());
    match look.file(content) {
        Break(why) => Some(why),
        Continue(()) if look.inflater.swells => Some("a PDF whose objects unpack beyond reason".to_owned()),
        Continue(()) if (look.unseen || look.inflater.starved) && !look.encrypted => {
            Some("a PDF with objects that cannot be examined".to_owned())
        }
        Continue(()) => None,
    }
}

type Found = ControlFlow<String>;

/// What is known on the way.
struct Look {
    encrypted: bool,
    /// Objects that could not be looked at.
    unseen: bool,
    /// Bytes of names of files that may still be read: as many as there are, if none is read twice.
    texts: usize,
    dictionary: Dictionary,
    /// Since the last one that was read, a dictionary said that it is one.
    is_object_stream: bool,
    file_names: FileNames,
    inflater: Inflater,
}

/// Names of files, and whether one is embedded there.
#[derive(Default)]
struct FileNames {
    dangerous: Option<(usize, String)>,
    embedded: Option<usize>,
}

/// Where a name stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Dictionary,
    /// In the bytes of a stream, where short names occur by chance.
    Stream,
}

impl Look {
    fn new(size: usize) -> Self {
        Self {
            encrypted: false,
            unseen: false,
            texts: size.saturating_add(most_of(size)),
            dictionary: Dictionary::default(),
            is_object_stream: false,
            file_names: FileNames::default(),
            inflater: Inflater::new(size),
        }
    }

    /// The whole file, streams as they are included: which of them are ever used is not looked at.
    fn file(&mut self, content: &[u8]) -> Found {
        let mut place = Place::Dictionary;
        let mut at = 0;
        while let Some(step) = content[at..].iter().position(|byte| matches!(byte, b'/' | b's' | b'e')) {
            at += step;
            let rest = &content[at..];
            if rest[0] == b'/' {
                self.name(&rest[1..], at, place)?;
            } else if rest.starts_with(b"endstream") || rest.starts_with(b"endobj") {
                place = Place::Dictionary;
                at += 5;
            } else if let Some(data) = begins_stream(rest) {
                place = Place::Stream;
                if self.is_object_stream && self.object_stream(data)? == Seen::AsItIs {
                    place = Place::Dictionary;
                }
                self.dictionary = Dictionary::default();
            }
            at += 1;
        }
        Continue(())
    }

    fn name(&mut self, rest: &[u8], at: usize, place: Place) -> Found {
        let (name, after) = name_at(rest);
        let name = name.as_slice();
        match name {
            b"JavaScript" => return Break("a PDF with scripts (/JavaScript)".to_owned()),
            b"Launch" => return Break("a PDF that starts a program (/Launch)".to_owned()),
            b"ObjStm" => self.is_object_stream = true,
            _ if place == Place::Stream => {}
            // A rendition action has a script without the other name (§12.6.4.13).
            b"JS" => return Break("a PDF with scripts (/JS)".to_owned()),
            b"Encrypt" => self.encrypted = true,
            b"FlateDecode" | b"Fl" => self.dictionary.filters += 1,
            b"LZWDecode" | b"ASCIIHexDecode" | b"ASCII85Decode" | b"RunLengthDecode" | b"Crypt" => {
                self.dictionary.other_filters += 1;
            }
            b"Predictor" => self.dictionary.predictor = number(after).unwrap_or(1),
            b"Columns" => self.dictionary.columns = number(after),
            b"Colors" => self.dictionary.colors = number(after),
            b"BitsPerComponent" => self.dictionary.bits = number(after),
            b"F" | b"UF" => {
                let (text, read) = string(&after[..after.len().min(self.texts)]);
                self.texts -= read.min(self.texts);
                return text.map_or(Continue(()), |text| self.file_names.named(at, &text));
            }
            b"EF" => return self.file_names.embedded(at),
            _ => {}
        }
        Continue(())
    }

    /// Looks into an object stream, whatever its dictionary says of how it is packed.
    fn object_stream(&mut self, data: &[u8]) -> ControlFlow<String, Seen> {
        let Some(bytes) = self.inflater.inflated(data) else {
            let plain = self.dictionary.filters == 0 && self.dictionary.other_filters == 0;
            if plain && begins_like_objects(data) {
                self.is_object_stream = false;
                return Continue(Seen::AsItIs);
            }
            self.unseen = true;
            return Continue(Seen::Not);
        };
        self.is_object_stream = false;
        let bytes = match self.dictionary.predictor {
            0 | 1 => Some(bytes),
            2..=9 => None,
            _ => self.dictionary.unpredicted(&bytes),
        };
        let Some(bytes) = bytes.filter(|bytes| bytes.is_empty() || begins_like_objects(bytes)) else {
            self.unseen = true;
            return Continue(Seen::Not);
        };
        self.file_names = FileNames::default();
        let mut at = 0;
        while let Some(step) = bytes[at..].iter().position(|byte| *byte == b'/') {
            at += step + 1;
            self.name(&bytes[at..], at, Place::Dictionary)?;
        }
        // Streams are in no such stream (§7.5.7).
        self.is_object_stream = false;
        self.file_names = FileNames::default();
        Continue(Seen::Inflated)
    }
}

/// How an object stream was looked at.
#[derive(PartialEq, Eq)]
enum Seen {
    Inflated,
    /// It is not packed: its names are found where they stand.
    AsItIs,
    Not,
}

impl FileNames {
    fn named(&mut self, at: usize, name: &str) -> Found {
        if let Some(why) = danger::by_name(name) {
            self.dangerous = Some((at, why));
        }
        self.verdict()
    }

    fn embedded(&mut self, at: usize) -> Found {
        self.embedded = Some(at);
        self.verdict()
    }

    /// A name and a file belong together where they stand in the same dictionary, which is a short one.
    fn verdict(&self) -> Found {
        match (&self.dangerous, self.embedded) {
            (Some((named, why)), Some(embedded)) if named.abs_diff(embedded) < limits::MAX_PDF_FILE_BYTES => {
                Break(format!("a PDF with {why} in it"))
            }
            _ => Continue(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_told_from_what_only_looks_like_it() {
        let script = "a PDF with scripts (/JavaScript)";
        for (pdf, why) in [
            (&b"<</S/JavaScript/JS(x)>>"[..], Some(script)),
            (b"<</S/J#61vaScript>>", Some(script)),
            (b"<</S/#4aava#53cript>>", Some(script)),
            (b"stream\n/JavaScript", Some(script)),
            (b"<</S/Rendition/JS 4 0 R>>", Some("a PDF with scripts (/JS)")),
            (b"<</S/Rendition/#4A#53(x)>>", Some("a PDF with scripts (/JS)")),
            (b"<</S /Launch/F(cmd)>>", Some("a PDF that starts a program (/Launch)")),
            (b"<</F(a.exe)/EF<</F 5 0 R>>>>", Some("a PDF with a program (.exe) in it")),
            (b"<</EF<</F 5 0 R>>/UF<feff0061002e0065007800650>>>", Some("a PDF with a program (.exe) in it")),
            (b"<</EF<</F 5 0 R>>/F(a\\056e\\170e)>>", Some("a PDF with a program (.exe) in it")),
            (b"/JavaScripts /Launcher /Type /JSON /J#7", None),
            (b"stream\r\n\x01/JS(\x02 endstream", None),
            (b"<</F(facture.xml)/EF<</F 5 0 R>>>>", None),
            (b"<</S/GoToR/F(a.exe)>>", None),
            (b"/#", None),
        ] {
            assert_eq!(danger_of(pdf).as_deref(), why, "{}", String::from_utf8_lossy(pdf));
        }
        let far = [b"<</F(www.example.com)>>".to_vec(), vec![b' '; 2_000], b"/EF<<>>".to_vec()].concat();
        assert_eq!(danger_of(&far), None, "an address here, a file there");
    }

    #[test]
    fn an_object_stream_that_is_not_packed_is_read_where_it_stands() {
        let unseen = Some("a PDF with objects that cannot be examined");
        for (pdf, why) in [
            (&b"<</Type/ObjStm/N 1>>stream\n5 0 <</JS(x)>>"[..], Some("a PDF with scripts (/JS)")),
            (b"<</Type/ObjStm/N 1>>stream\n5 0 <<>> endstream", None),
            (b"<</Type/ObjStm/Filter/ASCIIHexDecode>>stream\n352030203c3c3e3e> endstream", unseen),
            (b"<</Type/ObjStm/Filter 9 0 R>>stream\n352030203c3c3e3e> endstream", unseen),
            (b"<</Type/ObjStm/Filter/FlateDecode>>stream\nxxxx endstream", unseen),
            (b"<</Type/ObjStm/Filter/FlateDecode>>stream\nxxxx endstream trailer<</Encrypt 4 0 R>>", None),
        ] {
            assert_eq!(danger_of(pdf).as_deref(), why, "{}", String::from_utf8_lossy(pdf));
        }
    }
}
