//! The words by which machines without headers give themselves away: absences, receipts, other desks'
//! acknowledgements, requests to confirm an address, newsletters, notifications.
//!
//! A person uses the same words ("je serai absent mardi", "I only get an automated message"), so a
//! pattern must be what a machine says of itself, in the place where it says so. And words are never
//! certain: where a person is heard beside them (`person`), they forbid the answer at most.

use std::sync::LazyLock;

use regex::Regex;

use super::note;
use super::person::{self, Voice};
use crate::core::facts::Origin;
use crate::core::fold::fold;
use crate::core::reference;

/// Text that is looked at: a machine says what it is at once.
const BEGINNING_CHARS: usize = 1_500;
/// The end of a text, where newsletters say how to leave them.
const END_CHARS: usize = 1_500;
/// Longest text of an absence note; a complaint that mentions an absence is longer or says more.
const ABSENCE_CHARS: usize = 900;
/// Longest sentence, in words, that is taken for one of a form.
const FORM_SENTENCE_WORDS: usize = 35;
/// A sentence that is only a greeting or a name, in words.
const BARE_WORDS: usize = 4;

/// What is read.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    pub subject: &'a str,
    /// Newly written, without quotes.
    pub text: &'a str,
    /// The same with what was taken for a signature.
    pub whole: &'a str,
    /// Whether the mail answers another one, by its fields.
    pub answers: bool,
    pub local: Option<&'a str>,
}

/// What words alone make of a mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    pub origin: Origin,
    pub sign: &'static str,
    /// Whether a person is heard beside the sign: then it is no machine's mail, only not answered.
    pub doubtful: bool,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

fn beginning(text: &str) -> String {
    fold(&text.chars().take(BEGINNING_CHARS).collect::<String>())
}

fn end(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(END_CHARS);
    fold(&text.chars().skip(skipped).collect::<String>())
}

/// Local parts of addresses that nobody reads.
pub fn refuses_replies(local: &str) -> bool {
    let plain: String = local.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    ["noreply", "donotreply", "nepasrepondre", "pasdereponse", "noresponder", "nichtantworten"]
        .iter()
        .any(|word| plain.starts_with(word) || plain.ends_with(word))
}

/// Local parts by which programs call themselves.
fn is_a_program(local: &str) -> bool {
    let local = local.to_lowercase();
    let first = local.split(['-', '_', '.', '+']).next().unwrap_or_default();
    [
        "notification",
        "notifications",
        "notif",
        "notifs",
        "notify",
        "alert",
        "alerts",
        "alerte",
        "alertes",
        "nagios",
        "zabbix",
        "root",
        "cron",
        "jira",
        "gitlab",
        "github",
        "jenkins",
        "sentry",
        "voicemail",
        "messagerie-vocale",
        "quarantine",
        "quarantaine",
        "monitoring",
        "uptime",
        "sympa",
        "mailman",
        "listserv",
        "majordomo",
        "newsletter",
        "newsletters",
        "robot",
        "bot",
        "automat",
        "automate",
        "autoreply",
        "autoresponder",
        "accusedelecture",
        "wordpress",
    ]
    .iter()
    .any(|program| first == *program || local == *program)
}

/// The surest sign of a machine in the words; none where a person speaks too clearly for it.
pub fn heard(words: Words<'_>) -> Option<Heard> {
    let voice = || person::voice(words.text);
    if let Some((origin, sign)) = receipt(words).or_else(|| absence(words)).or_else(|| desk(words)) {
        // Only a subject that stands where machines put it outweighs somebody who speaks clearly.
        let voice = if sign == NOTE_SIGN { person::voice_in_a_form(words.text) } else { voice() };
        let clear = voice == Voice::Clear && sign != ROBOT_SIGN;
        // Who tells of themselves where they are, and something else, is somebody.
        let is_unlikely =
            || sign == NOTE_SIGN && person::speaks_of_themselves(words.text) && note::is_unlikely(words.text);
        return (!clear).then_some(Heard { origin, sign, doubtful: voice > Voice::Nobody || is_unlikely() });
    }
    // Firms write of accounts and transfers too: here somebody must speak clearly.
    let (origin, sign) = newsletter(words).or_else(|| notification(words))?;
    Some(Heard { origin, sign, doubtful: voice() == Voice::Clear })
}

type Found = Option<(Origin, &'static str)>;

const ROBOT_SIGN: &str = "subject of an automatic reply";
const NOTE_SIGN: &str = "an answer that is nothing but an absence note";

static RECEIPT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:lue?|non lue?|read|not read|gelesen|ungelesen|gelezen|niet gelezen|leido|no leido) ?:|^(?:accuse de lecture|confirmation de lecture|return receipt|read receipt|leesbevestiging|ontvangstbevestiging \(|confirmacion de lectura|lesebestatigung)",
    )
});
static RECEIPT_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:a|ont) ete (?:lue?s?|affichee?s?|ouverte?s?) le|supprimee? sans (?:etre|avoir ete) lue?|(?:was|were) (?:read|displayed|opened) on|deleted without being read|(?:est un|cet) accuse de lecture|is a (?:return|read) receipt|is gelezen op|(?:fue|ha sido) leido|wurde am .{1,40} gelesen",
    )
});

/// Read receipts that are plain text.
fn receipt(words: Words<'_>) -> Found {
    let said = RECEIPT_SUBJECT.is_match(fold(words.subject).trim())
        && RECEIPT_TEXT.is_match(&beginning(words.whole));
    said.then_some((Origin::Receipt, "subject and text of a read receipt"))
}

/// Subjects that only machines write: the words stand first, alone or before a colon, where a mail
/// program or a person who answers would put a mark of their own.
static ROBOT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\[?(?:(?:reponse|message|mail) (?:automatique|d'absence)|automatic(?:al)? (?:reply|response)|auto(?:matic)?[- ]?(?:reply|response|responder)|autosvar|automatisch(?:e|es)? (?:antwoord|antwort|beantwoord)|(?:respuesta|contestacion) automatica|resposta automatica|risposta automatica|abwesenheitsnotiz|out[- ]of[- ](?:the[- ])?office|ooo|absente? du bureau|absence du bureau|(?:notification|avis) d'absence|repondeur|vacation (?:reply|message)|fuera de (?:la )?oficina|afwezigheidsbericht|i am out of (?:the )?office)\]?(?: (?:de vacaciones|automatique|d'absence))?(?: ?$| ?:| ?- | re ?:)",
    )
});
/// Subjects that machines write, and persons too.
static ABSENT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:re ?: *)*(?:absen(?:t|te|ce|ts)\b|(?:en |conges?\b|vacances\b)|on (?:leave|holiday|vacation)|away\b|annual leave|holiday\b|afwezig|ausente\b|vacaciones|(?:changement d'|nouvelle )adresse|(?:new|change of) (?:e-?mail )?address|i have moved|fermeture\b)",
    )
});
/// What an absence note says.
static ABSENT_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:je suis|je serai|nous sommes|actuellement|i am|i'm|i will be|currently|ik ben|estoy|estare|momentanement) ?(?:actuellement |currently |momentanement |presentement )?(?:absente?s?\b|en (?:conges?|vacances|deplacement|arret|formation|mission|seminaire|rtt)\b|hors du bureau|away\b|out of (?:the )?office|travell?ing\b|on (?:a )?(?:annual |maternity |sick |paternity |parental |medical |summer |extended )*(?:leave|holiday|vacation|training|business trip)\b|(?:met|op) (?:vakantie|verlof|reis)|afwezig|niet op kantoor|fuera de|de (?:vacaciones|baja|viaje))|^absente? (?:jusqu|du|le)|(?:^|[.!,\n] ?)en (?:conges?|vacances|deplacement|arret|formation|mission)\b[^.!?]{0,60}\b(?:je|nous) (?:suis|serai|ne|prendrai|traiterai|repondrai|lirai)\b|(?:bureaux?|cabinet|service|etude|agence|office|secretariat|accueil|magasin|boutique|offices?) (?:est|sont|sera|seront|is|are|will be) (?:fermee?s?|closed) (?:du|jusqu|le|au|pour|from|until|for)|je (?:ne )?(?:lis|regarde|consulte) pas mes (?:mails?|messages|courriels)|limited access to (?:my )?e-?mail|acces (?:limite )?a (?:ma messagerie|mes mails|mes messages)|(?:a|des) mon retour|on my return|when i (?:return|am back|get back)|(?:je|nous) (?:le |les |vous )?(?:lirai|lirons|repondrai|repondrons)|i(?:'ll| will| shall) (?:read|reply|answer|respond)|inutile de (?:le |me |nous )?(?:renvoyer|relancer)",
    )
});
/// The person, the address or the driver's hands are not there at all.
static GONE_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"no longer (?:works?|employed|with the company|in use|monitored|checked)|i have (?:left|moved on)|ne (?:travaille|fait) plus|a quitte (?:la societe|l'entreprise|ses fonctions|le cabinet)|(?:adresse|boite|messagerie|mailbox|address|account)[^.!?\n]{0,30} (?:n'est (?:plus|pas)|is (?:not|no longer)) (?:utilisee|relevee|consultee|surveillee|lue|active|monitored|used|checked|in use)|j'ai change d'adresse|(?:i have changed|my) (?:my )?(?:new )?e-?mail address (?:is|has)|(?:je|i'm|i am) (?:conduis|driving)|ne pas deranger active|do not disturb while driving",
    )
});
/// Whom to turn to meanwhile: with an absence, a machine's whatever the subject is.
static MEANWHILE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:en cas d'|pour (?:toute|les|une) )urgences?|(?:en|pendant|durant) mon absence|for (?:any(?:thing)? )?urgent|if (?:it is|it's|this is|your (?:message|matter|request) is) urgent|in my absence|voor (?:dringende|spoed)|bij spoed|para (?:asuntos|temas|cuestiones) urgentes|si es urgente|en caso de urgencia",
    )
});
/// What else stands in such notes: thanks for the message, when and by whom it will be read.
static NOTE_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:je|nous) (?:vous )?(?:repondrai|repondrons|lirai|lirons|reviendrai)\b|\bi(?:'ll| will| shall) (?:reply|respond|answer|read|get back)\b|(?:votre|vos|your|uw|su|sus) (?:messages?|e-?mails?|mails?|courriels?|bericht|demande|mensaje|correo)|(?:merci|veuillez|priere|please|kindly|gelieve)(?: de| d')? ?(?:vous adresser|contacter|joindre|ecrire|m'ecrire|contact|call|write|direct|e-?mail|contact opnemen|appeler)|ecrivez-moi|\bde retour\b|\bback (?:on|in|at)\b|\breturning\b|reouverture|reprise|jusqu'au|\buntil\b|\btot\b|hasta|immediatement|des que possible|as soon as|(?:responder|contestar)[ea]|a mi regreso|\btraiterai\b|for (?:sales|support|all other)|est gardee|will not be (?:read|forwarded)|(?:disculpe|sorry for|desole)|\bpour une urgence\b|arrive a destination",
    )
});
/// Greetings and closings.
static BARE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:bonjour|bonsoir|hello|hi|dear|madame|cher|chere|hallo|beste|geachte|hola|buenos|cordialement|bien a vous|salutations|regards|kind regards|best|groeten|met vriendelijke|saludos|merci|thanks|thank you|bedankt|gracias|bonne journee)\b",
    )
});

/// Absence notes (RFC 3834 §1: "personal responder").
fn absence(words: Words<'_>) -> Found {
    let subject = fold(words.subject);
    let subject = subject.trim();
    if ROBOT_SUBJECT.is_match(subject) {
        return Some((Origin::AutoReply, ROBOT_SIGN));
    }
    if words.text.chars().take(ABSENCE_CHARS + 1).count() > ABSENCE_CHARS {
        return None;
    }
    let folded = fold(words.text);
    let away = ABSENT_TEXT.is_match(&folded);
    let gone = GONE_TEXT.is_match(&folded);
    let sign = if (away || gone) && ABSENT_SUBJECT.is_match(subject) {
        "subject and text of an absence note"
    } else if away && MEANWHILE.is_match(&folded) {
        "an absence, and whom to turn to meanwhile"
    } else if (away || gone) && is_an_answer(words, subject) && is_all_a_note(&folded) {
        NOTE_SIGN
    } else {
        return None;
    };
    Some((Origin::AutoReply, sign))
}

fn is_an_answer(words: Words<'_>, subject: &str) -> bool {
    words.answers || has_answer_mark(subject) || subject.starts_with("auto:")
}

/// Whether a folded subject begins as mail programs begin that of an answer.
fn has_answer_mark(subject: &str) -> bool {
    ["re:", "re :", "aw:", "antw:", "rep:", "rep :", "sv:"].iter().any(|mark| subject.starts_with(mark))
}

/// Whether each sentence is one that absence notes are made of, and one says more than where somebody is.
fn is_all_a_note(folded: &str) -> bool {
    let sentences = || SENTENCE_END.split(folded).map(str::trim).filter(|sentence| !sentence.is_empty());
    let is_of_a_note = |sentence: &str| {
        let count = sentence.split_whitespace().count();
        let known =
            [&ABSENT_TEXT, &GONE_TEXT, &MEANWHILE, &NOTE_TEXT].iter().any(|says| says.is_match(sentence));
        count <= BARE_WORDS || count <= FORM_SENTENCE_WORDS && (known || BARE.is_match(sentence))
    };
    sentences().all(is_of_a_note) && (NOTE_TEXT.is_match(folded) || MEANWHILE.is_match(folded))
}

static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!;]+(?:\s+|$)|\n\s*\n"));

/// What a machine says of its own message: the sentence ends there, or goes on as machines go on.
static MACHINE_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:ceci|cet? (?:e-?mail|courriel|message)|this|this (?:e-?mail|message)) (?:est|is|was|a ete|has been) (?:une? |an? |sent |generated )*(?:(?:message|e-?mail|mail|courriel|reponse|reply|response|notification) (?:genere )?automatique|automat(?:ed|ic|ically)(?: (?:message|e-?mail|reply|response|notification))?|(?:envoye|genere)e? automatiquement)|\b(?:message|e-?mail|courriel|reponse) (?:genere|envoye)e? automatiquement)(?: ?(?:[.!,;:)\]*-]|\n|$)| (?:par (?:un|notre|le systeme)|by (?:our|an?|the) |from (?:our|an?|the) |suite a|en reponse|in response|et |and |as |depuis une|please|merci|generated|sent))",
    )
});
/// What it asks of who might answer; a person who asks for an answer of another kind goes on.
static NO_ANSWER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:merci de |veuillez )ne pas (?:y )?repondre(?: directement)? a (?:ce|cet) (?:message|e-?mail|mail|courriel)|(?:please )?do not (?:reply|respond) to this (?:e-?mail|message)|merci de ne pas y repondre|you can(?:not|'t) reply to this e-?mail)(?: ?(?:[.!,;:)\]*-]|\n|$)| (?:car|as|because|since|directement|directly)\b)",
    )
});
/// Requests to prove that one is a person, before a message is let through.
static HELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:votre (?:message|e-?mail|courriel|mail)|your (?:e-?mail|message)|le message)[^.!?]{0,120}(?:en attente|retenu|bloque par|mis en quarantaine|waitlisted|being held|is held|is pending|awaiting)|votre correspondant utilise|mailinblack|guest list|confirm (?:that )?you are (?:a )?(?:human|real)|(?:prove|verify) (?:that )?you are (?:a )?human|pour la premiere fois",
    )
});
/// The same of a subject: of an address or a message, which persons write about too.
static HELD_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:message|mail|courriel).{0,20} en attente|confirmez votre (?:adresse|message)|confirm (?:that )?you(?:r (?:e-?mail|address|message)| are)|verify your (?:e-?mail )?address|action required|awaiting (?:moderator )?approval)",
    )
});
/// What the reader is told to do; who tells what they did is a person.
static CLICK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bcliquez|\bcliquer|\bclick (?:here|on|the|below)|lien ci-dessous|link below|captcha|letters you see|recopie",
    )
});
static CLICKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:j'ai|je|quand je|i|i've|when i) (?:bien |have )?(?:clique|click)|\b(?:fonctionne|marche) pas|(?:does not|doesn't) work|nothing happens",
    )
});
/// Another desk tells that our letter arrived …
static RECEIVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:avons bien recu|accusons (?:bonne )?reception de|a bien recu|bonne reception de) votre (?:message|demande|courriel|e-?mail|mail|reclamation)|votre (?:message|demande|courriel|e-?mail|mail)[^.!?]{0,40} a (?:bien )?ete (?:recue?|prise? en compte|enregistree?|transmise?)|(?:we have|we've) (?:received|got) your|we got your (?:request|message)|thank(?:s| you) (?:for|very much for) (?:contacting|getting in touch|your (?:e-?mail|message|request))|\bmerci (?:pour|de) votre (?:message|demande|courriel|e-?mail)|your (?:request|ticket)[^.!?]{0,30} (?:has been|was) (?:received|created|registered)|votre demande porte|uw (?:bericht|aanvraag)[^.!?]{0,30} ontvangen|hemos recibido su",
    )
});
/// … and what will become of it there. To us, of all desks, only another desk says so.
static PROMISES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:conseill(?:er|ere)|equipes?|technicien|charge de clientele|gestionnaire)[^.!?]{0,30} (?:vous )?(?:repond(?:ra|ront)?\b|traiter|reviendra|prendra)|(?:sera|seront) (?:traitee?|examinee?|transmise?|etudiee?)s?\b|dans les (?:meilleurs|plus brefs) delais|delai de (?:reponse|traitement)|(?:within|in) (?:\d+|one|two|three) (?:business |working )?(?:hours?|days?)|sous \d+ ?(?:h|heures|jours)\b|get back to you|being (?:reviewed|processed)|(?:type|write) your reply above|au-dessus de cette ligne|ticket (?:number|has been|a ete|id|n)|un ticket|avec l'id|we're on it|we are on it|repond en (?:general|moyenne)|typically repl|our (?:support )?(?:team|staff) will|numero (?:de (?:dossier|demande|ticket)|\d)|porte le numero|kenmerk|numero de solicitud",
    )
});
static TICKET_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\[(?:ticket|demande|request|case|incident|dossier)[^\]]{0,20}\d+\]|\[?#\d{3,}|accuse de reception|confirmation de reception|nous avons bien recu|we(?: have|'ve) received your|request received|ticket (?:recu|received|created)|demande (?:bien )?(?:recue|enregistree))",
    )
});
static REPORT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:report domain: |\[preview\] report domain|dmarc (?:aggregate )?report|tls[- ]?rpt)")
});

/// Desks and filters that answer what they receive.
fn desk(words: Words<'_>) -> Found {
    let (subject, text) = (fold(words.subject), beginning(words.text));
    let subject = subject.trim();
    let says = |what: &Regex| what.find_iter(&text).any(|found| !is_quoted(&text, found.start()));
    if says(&MACHINE_TEXT) || says(&NO_ANSWER) {
        return Some((Origin::AutoReply, "the text says that it is automatic"));
    }
    let held = HELD.is_match(&text) || HELD_SUBJECT.is_match(subject);
    if held && CLICK.is_match(&text) && !CLICKED.is_match(&text) {
        return Some((Origin::AutoReply, "a request to confirm an address"));
    }
    // A subject with a reference of ours is that of our own letter, come back in an answer.
    let ticket = || {
        TICKET_SUBJECT.is_match(subject)
            && !is_an_answer(words, subject)
            && reference::all(&[words.subject]).is_empty()
    };
    if says(&RECEIVED) && (says(&PROMISES) || ticket()) {
        return Some((Origin::AutoReply, "another desk's acknowledgement"));
    }
    REPORT_SUBJECT.is_match(subject).then_some((Origin::AutoReply, "a report of mail authentication"))
}

/// How to leave a mailing.
static LEAVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:ne (?:plus|pas) (?:recevoir|souhaitez recevoir)|plus (?:nous lire|recevoir)|no longer (?:wish|want) to receive|stop receiving)[^\n]{0,80}(?:cliquez|clique[rz] ici|desinscri|desabonn|unsubscribe|click|https?:)|(?:unsubscribe|desinscrire|desabonner|desinscription|uitschrijven|afmelden|darse de baja) ?(?:here|ici|hier|aqui|en un clic)?(?: ?: ?| ?<| ?\(| )(?:https?:|mailto:)|unsubscribe (?:here|from this list|at any time)",
    )
});
static LEAVE_WORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[\n|.?!:>*-]) *(?:(?:se|me|vous) (?:desinscrire|desabonner)|desinscription|desabonnement|unsubscribe|manage (?:your )?preferences|gerer (?:mes|vos) preferences|uitschrijven|afmelden|darse de baja|cancelar suscripcion)\b",
    )
});
/// Why one gets it, and where else it can be read.
static SUBSCRIBED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"vous recevez (?:ce|cet|cette) (?:e-?mail|message|lettre|newsletter|courriel) (?:car|parce|suite|en tant)|(?:ce message|cet e-?mail) vous est adresse[^.\n]{0,30} (?:abonnement|inscription)|you(?:'re| are) (?:receiving this|subscribed to)|this (?:message|e-?mail) was sent to .{3,60} because|version en ligne|view (?:this )?(?:e-?mail |message )?(?:online|in (?:your )?browser)|ne visualisez pas|ne s'affiche pas correctement|informatique et libertes|u ontvangt deze|recibe(?:s)? este (?:correo|mensaje) porque",
    )
});

/// Mailings that have no field of one.
fn newsletter(words: Words<'_>) -> Found {
    let (start, end) = (beginning(words.whole), end(words.whole));
    let subscribed = SUBSCRIBED.is_match(&end) || SUBSCRIBED.is_match(&start);
    let leaves = LEAVE.is_match(&end) || subscribed && LEAVE_WORD.is_match(&end);
    leaves.then_some((Origin::Bulk, "the text says how to unsubscribe"))
}

/// What programs tell.
static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:vous a envoye|sent you) (?:\d+ |des |some )?(?:fichiers?|files?)\b|a partage (?:un|le) (?:document|fichier|dossier) avec vous|(?:has )?shared an? (?:file|document|folder|item) with you|souhaite rappeler le message|would like to recall the message|(?:all|tous les) (?:signers|signataires|parties) (?:have|ont) (?:completed|signed|complete|signe)|you are receiving this because|vous recevez (?:ce|cet) (?:message|e-?mail|courriel) (?:car|parce)|(?:ce message|cet e-?mail) vous est adresse[^.\n]{0,30} (?:abonnement|inscription)|you(?:'re| are) subscribed to",
    )
});

/// Who wants money under a program's name is no program.
static PAYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:reglez|payez|versez|acquittez|virez|pay (?:now|the|us|a|your)|betaal|pague)\b")
});

/// Programs that tell what happened, and answer nothing.
fn notification(words: Words<'_>) -> Found {
    let wants_money = || PAYS.is_match(&beginning(words.text));
    if words.local.is_some_and(is_a_program) && !wants_money() {
        return Some((Origin::AutoReply, "the sender's address is a program's"));
    }
    let notice = NOTICE.is_match(&fold(words.subject)) || NOTICE.is_match(&beginning(words.whole));
    notice.then_some((Origin::AutoReply, "the text is a program's notification"))
}

/// Whether words stand between quotation marks: a person tells what a machine wrote.
fn is_quoted(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.chars().filter(|each| *each == '"').count() % 2 == 1
}

#[cfg(test)]
mod tests;
