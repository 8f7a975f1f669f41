//! How French and English write dates, hours, sizes and punctuation.
//!
//! Pure text work, the same everywhere: no locale of the machine is asked. French puts a narrow
//! no-break space before `; : ! ?` and inside « »; both languages use the curved apostrophe.

use jiff::civil::{Date, Time, Weekday};

use crate::core::fold::is_unseen;

/// A language that letters are written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tongue {
    French,
    English,
}

impl Tongue {
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// BCP 47, and the name of the templates' folder.
    pub const fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}

/// U+202F, the space that stays and is thin.
pub const NARROW_NO_BREAK: char = '\u{202F}';
const NO_BREAK: char = '\u{A0}';

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// «jeudi 18 juin 2026», “Thursday 18 June 2026”.
pub fn date(day: Date, tongue: Tongue) -> String {
    let weekday = weekday(day.weekday(), tongue);
    let month = usize::from(day.month().unsigned_abs()) - 1;
    match tongue {
        Tongue::French => {
            let ordinal = if day.day() == 1 { "er" } else { "" };
            format!("{weekday} {}{ordinal} {} {}", day.day(), MONTHS_FR[month], day.year())
        }
        Tongue::English => format!("{weekday} {} {} {}", day.day(), MONTHS_EN[month], day.year()),
    }
}

fn weekday(day: Weekday, tongue: Tongue) -> &'static str {
    match day {
        Weekday::Monday => tongue.pick("lundi", "Monday"),
        Weekday::Tuesday => tongue.pick("mardi", "Tuesday"),
        Weekday::Wednesday => tongue.pick("mercredi", "Wednesday"),
        Weekday::Thursday => tongue.pick("jeudi", "Thursday"),
        Weekday::Friday => tongue.pick("vendredi", "Friday"),
        Weekday::Saturday => tongue.pick("samedi", "Saturday"),
        Weekday::Sunday => tongue.pick("dimanche", "Sunday"),
    }
}

/// «à 10 h 30» (no-break spaces), “at 10:30”.
pub fn time(at: Time, tongue: Tongue) -> String {
    match (tongue, at.minute()) {
        (Tongue::French, 0) => format!("à {}{NO_BREAK}h", at.hour()),
        (Tongue::French, minute) => format!("à {}{NO_BREAK}h{NO_BREAK}{minute:02}", at.hour()),
        (Tongue::English, minute) => format!("at {}:{minute:02}", at.hour()),
    }
}

/// The clock that an hour is read on, from a tz database name: «heure de Paris», “Paris time”.
pub fn clock_name(zone: &str, tongue: Tongue) -> String {
    let place = zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
    if zone.starts_with("Etc/") || !zone.contains('/') {
        return tongue.pick(format!("heure {place}"), place);
    }
    let vowel = place.to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u', 'é', 'h']);
    match tongue {
        Tongue::French if vowel => format!("heure d’{place}"),
        Tongue::French => format!("heure de {place}"),
        Tongue::English => format!("{place} time"),
    }
}

/// «312 ko», “312 kB”: powers of ten (ISO 80000-13), one decimal below ten.
pub fn size(bytes: u64, tongue: Tongue) -> String {
    let units = tongue.pick(["ko", "Mo", "Go"], ["kB", "MB", "GB"]);
    if bytes < 1000 {
        let singular = bytes == 1 || (tongue == Tongue::French && bytes == 0);
        let plural = if singular { "" } else { "s" };
        return format!("{bytes}{NO_BREAK}{}{plural}", tongue.pick("octet", "byte"));
    }
    let mut tenths = bytes.saturating_add(50) / 100;
    let mut unit = 0;
    // From 999.5 on it would round to 1000.
    while tenths >= 9_995 && unit < 2 {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    let point = tongue.pick(',', '.');
    let number = match (tenths / 10, tenths % 10) {
        (whole, tenth) if whole < 10 && tenth > 0 => format!("{whole}{point}{tenth}"),
        (whole, tenth) => (whole + u64::from(tenth >= 5)).to_string(),
    };
    format!("{number}{NO_BREAK}{}", units[unit])
}

/// A word and its number, “document” and «document» alike: `1 document`, `3 documents`.
pub fn count(number: u64, one: &str, many: &str, tongue: Tongue) -> String {
    let singular = number == 1 || (tongue == Tongue::French && number == 0);
    format!("{number} {}", if singular { one } else { many })
}

/// Sets the punctuation of plain text as the language wants it.
pub fn typeset(text: &str, tongue: Tongue) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match c {
            '\'' if before.is_alphanumeric() && next.is_some_and(char::is_alphabetic) => out.push('’'),
            ' ' | NO_BREAK if tongue == Tongue::French && tight(before, next) => out.push(NARROW_NO_BREAK),
            '«' if tongue == Tongue::French && next.is_some_and(|n| !n.is_whitespace()) => {
                out.extend(['«', NARROW_NO_BREAK]);
            }
            '»' if tongue == Tongue::French && !before.is_whitespace() => out.extend([NARROW_NO_BREAK, '»']),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Whether a space between these two must not break.
fn tight(before: char, next: Option<char>) -> bool {
    before == '«' || next.is_some_and(|next| ";:!?»".contains(next))
}

/// One line of clean text, at most `longest` characters: no line end, no control or direction
/// character survives, so that nothing of it can act as a header, a second part or a hidden word.
pub fn clean(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len().min(longest * 4));
    let mut length = 0;
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            space = length > 0;
            continue;
        }
        if is_unseen(c) {
            continue;
        }
        if length + usize::from(space) >= longest {
            out.pop();
            out.truncate(out.trim_end().len());
            out.push('…');
            return out;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
            length += 1;
        }
        out.push(c);
        length += 1;
    }
    out
}

/// A file's name on one line; a long one loses its middle, so that its ending still shows.
pub fn clean_file_name(name: &str) -> String {
    const LONGEST: usize = 80;
    const TAIL: usize = 16;
    let whole = clean(name, usize::MAX / 8);
    let length = whole.chars().count();
    if length <= LONGEST {
        return whole;
    }
    let head: String = whole.chars().take(LONGEST - TAIL - 1).collect();
    let tail: String = whole.chars().skip(length - TAIL).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date as day, time as hour};

    use super::*;

    #[test]
    fn dates_have_the_month_in_letters() {
        assert_eq!(date(day(2026, 6, 18), Tongue::French), "jeudi 18 juin 2026");
        assert_eq!(date(day(2026, 7, 1), Tongue::French), "mercredi 1er juillet 2026");
        assert_eq!(date(day(2026, 6, 18), Tongue::English), "Thursday 18 June 2026");
        assert_eq!(time(hour(10, 30, 0, 0), Tongue::French), "à 10\u{A0}h\u{A0}30");
        assert_eq!(time(hour(9, 0, 0, 0), Tongue::French), "à 9\u{A0}h");
        assert_eq!(time(hour(9, 5, 0, 0), Tongue::English), "at 9:05");
        assert_eq!(clock_name("America/Marigot", Tongue::French), "heure de Marigot");
        assert_eq!(clock_name("Europe/Amsterdam", Tongue::French), "heure d’Amsterdam");
        assert_eq!(clock_name("America/New_York", Tongue::English), "New York time");
        assert_eq!(clock_name("UTC", Tongue::French), "heure UTC");
    }

    #[test]
    fn sizes_are_rounded_as_people_read_them() {
        for (bytes, french, english) in [
            (0, "0 octet", "0 bytes"),
            (1, "1 octet", "1 byte"),
            (999, "999 octets", "999 bytes"),
            (1_000, "1 ko", "1 kB"),
            (1_449, "1,4 ko", "1.4 kB"),
            (312_400, "312 ko", "312 kB"),
            (999_949, "1 Mo", "1 MB"),
            (1_400_000, "1,4 Mo", "1.4 MB"),
            (25_000_000, "25 Mo", "25 MB"),
            (3_000_000_000, "3 Go", "3 GB"),
        ] {
            assert_eq!(size(bytes, Tongue::French).replace(NO_BREAK, " "), french, "{bytes}");
            assert_eq!(size(bytes, Tongue::English).replace(NO_BREAK, " "), english, "{bytes}");
        }
        assert!(size(u64::MAX, Tongue::French).ends_with("Go"));
    }

    #[test]
    fn french_punctuation_gets_its_narrow_space() {
        let set = |text| typeset(text, Tongue::French);
        assert_eq!(
            set("Objet : l'accès ! Et « ça » ?"),
            "Objet\u{202F}: l’accès\u{202F}! Et «\u{202F}ça\u{202F}»\u{202F}?"
        );
        assert_eq!(set("«ça»"), "«\u{202F}ça\u{202F}»");
        assert_eq!(set("https://a.fr/?x=1 à 10:30"), "https://a.fr/?x=1 à 10:30");
        assert_eq!(typeset("It's here : no", Tongue::English), "It’s here : no");
    }

    #[test]
    fn cleaned_text_is_one_visible_line_of_bounded_length() {
        assert_eq!(clean("  a\r\nBcc: x@y\u{0}\u{202E}z\t ", 50), "a Bcc: x@y z");
        assert_eq!(clean("abcdef", 6), "abcdef");
        assert_eq!(clean("abcdefg", 6), "abcde…");
        assert_eq!(clean("abcd efg", 6), "abcd…");
        let long = clean_file_name(&format!("{}.pdf", "x".repeat(300)));
        assert_eq!(long.chars().count(), 80);
        assert!(long.ends_with("xxx.pdf"));
    }
}
