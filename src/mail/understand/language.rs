//! Language of the person's own words, by the little words that every sentence needs.
//!
//! Two lines are enough where they hold two such words; names, amounts and addresses say nothing.
//! Where the words are too few, the subject and then the statistics of letters help; else it is
//! unknown and the desk answers in both its languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::core::facts::Language;
use crate::core::fold::fold;

use super::normalise;

/// Function words and greetings that tell a language from the others.
const FRENCH: &str = "le la les un une des du de et est je j vous nous pas ne n que qui quoi dans pour sur avec mon ma mes votre vos \
    notre nos ce cette ces cet il elle ils elles au aux par plus mais ou si depuis bonjour bonsoir merci c d l qu suis ai avez avons sont \
    ont etre avoir fait faire toujours encore rien tout tous quand comment combien pourquoi svp madame monsieur cordialement etes \
    oui non toute tres bien alors donc car jai cest a me moi on y en voici joint";
const ENGLISH: &str = "the a an and is are was were i you we they he she it my your our their his her not no to of in on for with that this \
    have has had do does did been be will would can could should from at by what when why how hello hi dear thanks thank please but or if \
    so as there any still never am me us just regards sincerely don t ve im u ur yes who which about because";
const SPANISH: &str = "el la los las un una unos de del y es son que no en por para con mi mis su sus se lo le les al como pero porque \
    hola buenos buenas dias tardes gracias yo usted ustedes estoy esta este estos ha he han hemos fue ser muy ya mas cuando cuanto donde \
    desde sin sobre quiero puedo tengo me nos todavia cual si saludo saludos nunca";
const DUTCH: &str = "de het een en is zijn was ik u uw je jij jullie wij we mijn ons onze niet geen dat die dit van voor met op aan in te om \
    er ook maar nog naar bij als dan wel heb hebt heeft hebben kan kunt kunnen wil wilt moet geachte beste groet bedankt dank goedemiddag \
    goedendag sinds waarom wanneer hoe wat door over uit deze mij";
const CREOLE: &str = "mwen nou ou li yo pa ki nan pou ak ap te se sa a yon gen fe di ki kote konbyen kijan eske bonjou bonswa mesi anpil tanpri \
    depi jiska poko deja pwoje lajan kont mwa ane tout moun vle ka kapab resevwa voye ban m w n l la an epi men";

/// Languages that the desk does not write: Italian reads like French, Portuguese and Papiamento like
/// Spanish, German like Dutch. Without the words that a mail in one of ours may hold ("eu", "come").
const ITALIAN: &str = "gli i di del della dei delle degli da dal dalla dai nel nella al alla sul sulla con tra che chi \
    non mi ti si sono sei siamo ho hai ha abbiamo avete hanno mio mia miei mie vostro vostra nostro nostra questo \
    questa quello dove quando perche quanto ma anche ancora gia mai piu molto tutto grazie buongiorno buonasera salve \
    soldi conto rimborso mesi giorni aspetto aspettando vorrei posso stato stata fatto niente nessuno nessuna risposta \
    senza dopo ieri oggi cordiali saluti";
const PORTUGUESE: &str = "a um uma do da dos das na nas ao aos pelo pela com para nao sim voce voces ele ela meu minha \
    meus minhas seu sua nosso nossa estou esta estao sao tenho tem temos ha isso isto este esse onde quando porque mas \
    tambem ainda ja nunca muito tudo obrigado obrigada ola bom boa noite dinheiro conta gostaria quero fazer feito \
    resposta sem depois ontem hoje ate cumprimentos";
const PAPIAMENTO: &str = "mi bo nos boso ta tabata tabatin no ku na pa mester kier hasi bini ainda awor kaminda unda \
    dikon kiko ken kon einan hopi tur danki tardi anochi fabor placa plaka kuenta sen banko yuda kontesta";
const GERMAN: &str = "der das den dem ein eine einen einem einer und oder aber ist sind wurde wird ich sie wir ihr \
    mich mir uns sich mein meine meinen meinem meiner ihre ihren ihrem nicht kein keine schon seit auf mit fur von vom \
    zu zum zur bei aus nach uber wo wann warum wer wenn dass habe haben hat hatte kann konnen mochte bitte danke guten \
    sehr geehrte damen herren grusse konto";

/// The language says nothing more than that it is none of ours.
const FOREIGN: [&str; 4] = [ITALIAN, PORTUGUESE, PAPIAMENTO, GERMAN];

const LANGUAGES: [(Language, &str); 5] = [
    (Language::French, FRENCH),
    (Language::English, ENGLISH),
    (Language::Spanish, SPANISH),
    (Language::Dutch, DUTCH),
    (Language::Creole, CREOLE),
];

/// Bytes of own words that are looked at.
const LOOKED_AT_BYTES: usize = 4_000;

/// The language of the text; the subject and the signature count where the text says too little.
pub fn of(text: &str, subject: &str, signature: &str) -> Language {
    let text = super::signs::start_of(text, LOOKED_AT_BYTES);
    let scores = scores(text);
    if is_foreign(text, &scores) {
        return Language::Unknown;
    }
    if let Some(language) = first_of_two(text, &scores) {
        return language;
    }
    if let Some(language) = clear_winner(&scores, 2.0) {
        return language;
    }
    let mut wider = scores;
    for (score, more) in wider.iter_mut().zip(self::scores(subject)) {
        *score += more * 0.5;
    }
    for (score, more) in wider.iter_mut().zip(self::scores(super::signs::start_of(signature, 300))) {
        *score += more * 0.4;
    }
    clear_winner(&wider, 0.3).or_else(|| by_letters(text)).unwrap_or(Language::Unknown)
}

/// How much speaks for each language: a word that few languages share says more.
fn scores(text: &str) -> [f64; 5] {
    let folded = fold(text);
    let mut scores = [0.0; 5];
    for word in normalise::words(&folded) {
        let Some(speaks) = WORDS.get(word) else { continue };
        let weight = match speaks.ours.count_ones() {
            1 => 1.0,
            2 => 0.4,
            3 => 0.15,
            _ => 0.0,
        };
        for (i, score) in scores.iter_mut().enumerate() {
            if speaks.ours & (1 << i) != 0 {
                *score += weight;
            }
        }
    }
    // The accents themselves speak: no English or Dutch text has them.
    let accents = |set: &str| text.chars().filter(|c| set.contains(*c)).take(6).map(|_| 1.0).sum::<f64>();
    scores[0] += accents("éèêàùçÉÀ") * 0.25;
    scores[2] += accents("¿¡ñáíóúÑ") * 0.4;
    scores[4] += accents("èò") * 0.1;
    scores
}

/// Whether another language than ours fits better. Words that it shares with one of ours say little, so
/// that a short mail in ours is never lost to it.
fn is_foreign(text: &str, ours: &[f64; 5]) -> bool {
    let folded = fold(text);
    let mut foreign = [0.0_f64; FOREIGN.len()];
    for word in normalise::words(&folded) {
        let Some(speaks) = WORDS.get(word) else { continue };
        let weight = match speaks.ours.count_ones() {
            0 => 1.0,
            1 => 0.4,
            _ => 0.15,
        };
        for (i, score) in foreign.iter_mut().enumerate() {
            if speaks.foreign & (1 << i) != 0 {
                *score += weight;
            }
        }
    }
    let (best, ours) =
        (foreign.iter().copied().fold(0.0, f64::max), ours.iter().copied().fold(0.0, f64::max));
    best >= 2.0 && best > ours * 1.2
}

/// Which languages have a word, a bit each in the order of [`LANGUAGES`] and [`FOREIGN`].
#[derive(Clone, Copy, Default)]
struct Speaks {
    ours: u8,
    foreign: u8,
}

static WORDS: LazyLock<HashMap<&'static str, Speaks>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Speaks> = HashMap::new();
    for (i, (_, list)) in LANGUAGES.iter().enumerate() {
        list.split_whitespace().for_each(|word| words.entry(word).or_default().ours |= 1 << i);
    }
    for (i, list) in FOREIGN.iter().enumerate() {
        list.split_whitespace().for_each(|word| words.entry(word).or_default().foreign |= 1 << i);
    }
    words
});

/// A mail written twice: the language that it begins with is the person's choice.
fn first_of_two(text: &str, scores: &[f64; 5]) -> Option<Language> {
    let mut order = *scores;
    order.sort_by(|a, b| b.total_cmp(a));
    let both = order[1] >= 4.0 && order[1] * 2.0 >= order[0];
    let half = super::signs::start_of(text, text.len() / 3);
    both.then(|| clear_winner(&self::scores(half), 0.8)).flatten()
}

/// The language ahead of all others by a margin that grows with the text. Where two languages are
/// both spoken, the one that is spoken more.
fn clear_winner(scores: &[f64; 5], least: f64) -> Option<Language> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let (first, second) = (scores[order[0]], scores[order[1]]);
    (first >= least && first > second * 1.1).then(|| LANGUAGES[order[0]].0)
}

/// Statistics of letters, for texts without any little word.
fn by_letters(text: &str) -> Option<Language> {
    if text.chars().filter(|c| c.is_alphabetic()).count() < 12 {
        return None;
    }
    let info = whatlang::detect(text)?;
    match info.lang() {
        whatlang::Lang::Fra => Some(Language::French),
        whatlang::Lang::Eng => Some(Language::English),
        whatlang::Lang::Spa => Some(Language::Spanish),
        whatlang::Lang::Nld => Some(Language::Dutch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_that_the_desk_does_not_write_are_unknown() {
        for text in [
            "Dove sono i miei soldi? Aspetto il rimborso da tre mesi.",
            "Buongiorno, il mio conto è ancora bloccato e nessuno risponde.",
            "Onde está o meu dinheiro? Estou à espera há três meses.",
            "Olá, a minha conta foi bloqueada e ainda não tenho resposta.",
            "Mi no ta haya mi placa, mi kuenta ta blòkia",
            "Bon dia, mi kier sa unda mi sen ta.",
            "Wo bleibt mein Geld? Ich warte seit drei Monaten auf die Erstattung.",
            "Guten Tag, mein Konto ist gesperrt.",
        ] {
            assert_eq!(of(text, "", ""), Language::Unknown, "{text}");
        }
        for (text, language) in [
            ("Le sono ne marche pas, i come ici non plus.", Language::French),
            ("Non, la conta da mon mari est fermée", Language::French),
            ("Mi cuenta no va, y mi dinero no esta", Language::Spanish),
            ("Tengo tres meses a la espera de mi dinero", Language::Spanish),
            ("mi dinero ya", Language::Spanish),
            ("Wie heeft mijn geld? Ik wacht al drie maanden.", Language::Dutch),
            ("Ban m lajan mwen", Language::Creole),
            ("Was it a mistake? My account is closed", Language::English),
        ] {
            assert_eq!(of(text, "", ""), language, "{text}");
        }
    }

    #[test]
    fn two_words_are_enough() {
        for (text, language) in [
            ("Ci-joint le relevé.", Language::French),
            ("any news?", Language::English),
            ("¿Alguna novedad?", Language::Spanish),
            ("Nog steeds geen antwoord.", Language::Dutch),
            ("Mwen poko resevwa lajan mwen", Language::Creole),
            ("????", Language::Unknown),
        ] {
            assert_eq!(of(text, "", ""), language, "{text}");
        }
    }
}
