//! Whether anything in a mail shows that a person wrote it to this desk.
//!
//! A note of an absence or a receipt is written once, for whoever may write: it cannot know what this desk
//! wrote, nor speak of the matter between it and somebody. So in an answer nothing is taken for a person's
//! that a note to anybody could say as well, and no list of what notes say is needed. Asked last, only of
//! what bears no mark of a machine, and only for whether a machine may answer (PROCEDURE 2.13): the mail
//! stays a person's.

use std::sync::LazyLock;

use regex::Regex;

use super::person;
use super::words::{self, Words};
use crate::core::fold::fold;
use crate::mail::understand::concept;

/// Longest text that is doubted, in characters: notes are short, and whoever writes more tells something.
const DOUBTED_CHARS: usize = 900;
/// Fewest words of a question that is one: "Urgent ?" is a heading.
const QUESTION_WORDS: usize = 2;
/// A greeting or a name, in words.
const BARE_WORDS: usize = 2;

/// Whether a machine must not answer, because a machine may have written.
pub fn shows_nobody(words: Words<'_>, signature: &str) -> bool {
    if is_long(words.text) {
        return false;
    }
    let (subject, text) = (fold(words.subject), fold(words.text));
    let subject = subject.trim();
    let names_a_case = NUMBER.is_match(subject);
    // A first mail may be a complaint of few words ("Re:" alone is typed by persons as well): of those the
    // desk doubts only what follows a letter of its own (PROCEDURE 2.14).
    if !words.answers && !names_a_case {
        return false;
    }
    if speaks_to_us(&text) || HAND.is_match(&fold(signature)) || OWN_SUBJECT.is_match(subject) {
        return false;
    }
    let said = OF_AN_ABSENCE.replace_all(&text, " ");
    // What answers something else may be somebody's first complaint.
    if !names_a_case && person::complains(&said) {
        return false;
    }
    // A mail program keeps the subject; who gives an answer a title of its own is a note.
    let keeps_our_subject = names_a_case || words::has_answer_mark(subject);
    !keeps_our_subject || !has_read(&text)
}

pub fn is_long(text: &str) -> bool {
    text.chars().take(DOUBTED_CHARS + 1).count() > DOUBTED_CHARS
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// The number of a case; mistyped, it is still of our letter.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\br-?\d{4}-?\d{6}"));
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"[^.!?;\n]*(?:[.!?;]+|\n|$)"));

/// Whether a folded text says what only somebody writes who knows what this desk wrote, or has something
/// with it.
pub fn speaks_to_us(text: &str) -> bool {
    let sentences: Vec<&str> = sentences(text).collect();
    sentences.iter().enumerate().any(|(i, sentence)| {
        let after = &sentences[i + 1..];
        says_something(sentence)
            || asks(sentence) && (TO_YOU.is_match(sentence) || MATTER.is_match(sentence) || ends(after))
            || tells_of_the_matter(sentence)
            || names_an_amount(sentence)
            || is_grieved(sentence)
            || thanks_for_something(sentence)
    })
}

/// Sentences; a point within an amount, an address or a date ends none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let ends = SENTENCE.find_iter(text).filter_map(move |part| {
        let rest = &text[part.end()..];
        let ended = rest.is_empty() || part.as_str().ends_with('\n') || rest.starts_with([' ', '\n']);
        ended.then(|| {
            let sentence = text[from..part.end()].trim();
            from = part.end();
            sentence
        })
    });
    ends.filter(|sentence| !sentence.is_empty())
}

/// The first person: alone, or as an owner.
static I: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:je|j'\w+|j [aeh]\w*|jai|jetais|jattends|me|m'\w+|moi|mon|ma|mes|i|i'm|i've|i'd|my|mine|ik|mijn|mij|yo|mi|mis|mwen|mwin|ich|mir|mich|meine?[nmrs]?|suis)\b",
    )
});
static I_SPEAK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:je|j'\w+|j [aeh]\w*|jai|i|i'm|i've|i'd|ik|yo|mwen|mwin|ich)\b"));
/// Right before a thing, with up to three words between them.
static OF_OURS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:notre|nos|our|ons|onze|nuestr[ao]s?|unsere?[nmrs]?|mon|ma|mes|my|mijn|mi|mis) (?:\w+ ){0,3}$",
    )
});

/// What the dealings with this desk are about: money, papers, the case.
static MATTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:reclamations?|plaintes?|dossier|rembours\w+|virements?|versements?|versee?s?|retraits?|prelevements?|preleve\w*|debite\w*|argent|epargne|placements?|(?:mon|mes|nos|le|les|du|de) prets?|investi[es]?s?|investissements?|interets?|echeances?|(?:mon|mes|le|un|ce|du|notre|au|son) comptes?|comptes? (?:bancaires?|porteur|client)|(?:ma|de la) banque|iban|rib|captures?|justificatifs?|papiers|documents?|pieces?|releves?|contrats?|preuves?|procuration|succession|collecte|fin de (?:la )?campagne|campagne (?:a|est)|portefeuille|cagnotte|(?:mon|notre) don|contreparties|(?:un|en|le) recommande|complaints?|claims?|refund\w*|money|(?:my|the|our|investment|savings) account|savings|spaargeld|ahorros|ersparnisse|payouts?|withdrawals?|invest(?:ed|ments?)?|statements?|screenshots?|proofs?|contracts?|tranche|instal?ments?|klacht|geld|rekening\w*|terugbeta\w*|teruggestort|bewij\w+|reclamacion|dinero|cuenta|reembolso|documentos?|expediente|beschwerde|konto\w*|auszahlung\w*|ruckzahlung\w*|unterlagen|zinsen|uberweisung\w*|lajan|kob|transferencias?|inversion|chek|cheques?|transfers?|debits?|charges|montant|somme|afschrijving\w*|incasso|bedrag|abbuchung\w*|betrag|cobro|importe|(?:mon|my|mi) (?:cas|case|caso))\b",
    )
});
/// The reader's matter, or anybody's, as notes speak of it.
static ANYBODYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:vos|votre|your|uw|su|sus|ihre?[nmrs]?|ta|ton|tes|tout|toute|chaque|aucune?|any|all|un) (?:\w+ )?$",
    )
});
static WITH_YOU: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:chez vous|with you|bij u|con ustedes|bei ihnen)\b"));
/// Whoever handles many, tells of them.
static MANY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:les|des|nos|aux|all|the \w+s)\b"));
static IN_GENERAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^ (?:en cours|urgente?s?|jointes?|candidat)"));

/// Somebody speaks of their own matter, or of how it stands today: a note speaks of the reader's, if of any.
fn tells_of_the_matter(sentence: &str) -> bool {
    if WITH_YOU.is_match(sentence) && MATTER.is_match(sentence) {
        return true;
    }
    let i = I.is_match(sentence) || TODAY.is_match(sentence) && !MANY.is_match(sentence);
    MATTER.find_iter(sentence).any(|matter| {
        let (before, after) = (&sentence[..matter.start()], &sentence[matter.end()..]);
        (i || OF_OURS.is_match(before)) && !ANYBODYS.is_match(before) && !IN_GENERAL.is_match(after)
    })
}

/// What the reader did, wrote, wants or shall do: a note is read by anybody, who did nothing but write.
static TO_US: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"\bvous (?:nous |lui |leur )?(?:aviez|auriez|ecriviez|dites|disiez|remboursez|proposez|annoncez|parlez|reclamez|mettez|refusez|transmettez|leur|ne (?:repondez|donnez|dites|faites|tenez|voulez|comprenez|lisez|m')|n'avez (?:pas|rien|jamais|toujours pas))|\bque vous (?:me |nous )?(?:demandez|reclamez|exigez)|\bvous m'appelez (?:monsieur|madame|mme|m)\b|\b(?:a qui|comme|ou) vous ecrivez|\bvous ecrivez (?:"|que|dans|avoir)|\bvous (?:nous |m'|l'|les |lui )?avez (?:bien |deja |donc |pas |tout )*(?:inverse|promis|dit|debite|preleve|bloque|ferme|clos|refuse|enregistre|signe|mis|repondu|perdu|transfere|encaisse|change|decide|annonce|confirme|valide|calcule|indique|note|confondu|supprime|rejete|verse|rembourse|donne|ignore)\w{0,2}\b|\bbesoin (?:du|de (?:ma|mon|mes)) (?:rib|iban|piece|preuve|carte|accord|signature|releve|document|contrat)|\bcontre vous\b|\bvous (?:confondez|vous (?:trompez|moquez|etes tromp\w+))|\bustedes (?:lo|dicen|saben|no)\b|\byou (?:told|asked|said|charged|promised|never|people)\b|\bnecesitan (?:una?|mi|mas)\b|\bpueden (?:pedir|escribir|llamar|enviar|decir)me\b|\b(?:you may be looking|got wrong|wrong file)\b"#,
    )
});
/// What somebody says who has to do with the desk, not with whoever writes.
static SAYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:je|j') ?(?:n'|ne )?(?:veux|voudrais|aimerais|souhaiterais|souhaite (?:que|savoir|etre|recevoir|obtenir)|maintiens|precise|ajoute|confirme (?:que|ma|mon|mes|le|les|bien)|rappelle que|note(?: que|[.,!])|conteste|accepte|reclame|exige|demande|refuse|retire|comprends pas|vous (?:ai|fais confiance|demande|(?:ecris|reponds) (?:de|depuis)|saurai gre|autorise|renvoie|envoie?s?|transmets|enverrai)|vous en (?:dis|dirai)|lache pas|lui transmets)\b|\bj'(?:en prends|attends|ai (?:oublie|demande|depose|attendu|deja (?:dit|ecrit|envoye|fourni|transmis|repondu|donne|appele)))\b|\b(?:ma|my|mijn|mi|meine) (?:question|vraag|pregunta|frage)\b|\b(?:reste (?:dans|en) l'attente|(?:dans|en) l'attente (?:de (?:vo|ma|mon|la)|d'une))|\b(?:confirm|maint|retir|depos)\w* (?:sa|notre|la|cette|ma) (?:reclamation|plainte|demande)\b|\bi(?:'d| would) (?:prefer|rather|like (?:to know|my|an? |you to|confirmation))|\bi (?:maintain|confirm|dispute|insist|forgot|already|never (?:received|got|had|agreed|signed|asked|said)|(?:have not|haven't) (?:received|got|had|been|heard|seen)|want (?:my|to know|an answer))\b|\blooking forward to (?:your|hearing)\b|\blet me know (?:when|what|whether|how|which|if you)\b|\b(?:tell me|ik wacht (?:op|nu|al|nog)|i accept|ik ga akkoord|ne me (?:convient|va) pas|(?:cela|ca) me (?:convient|va)|c'est moi qui|(?:manque|manquent|fehlt|fehlen|ontbreekt|missing|falta|faltan) (?:aussi|encore|toujours|auch|ook|too|tambien)|vos (?:mails|messages|reponses) automatiques|ik betwist|ik stuur u|ich reiche|ich warte auf|ich widerspreche|ich schicke|no estoy de acuerdo|quiero (?:que|saber|mi)|m ap tann|(?:toujours|encore) (?:pas recu|rien|bloque\w?|en attente)|c'est (?:beaucoup |bien )?trop|still (?:not|no|blocked|waiting|nothing)|nog steeds|immer noch (?:nicht|kein)|no (?:me )?(?:ha llegado|he recibido)|(?:mon|my|mijn|mi) (?:avocate?|lawyer|solicitor|advocaat|abogad[oa])|(?:le|the|het|el|das) (?:virement|transfer|remboursement|retrait|refund|payout|withdrawal|prelevement|versement|geld|dinero|bedrag|money)|l'argent|(?:le montant|la somme|l'echeance) (?:\w+ ){0,2}(?:est|etait|manque|a)|ter aanvulling|als nachtrag|(?:pour|je) complete[rz]?|quand je vous (?:ecris|appelle)|klacht mag|vous pouvez (?:fermer|clore|cloturer|classer))\b|\b(?:one|small|petite) (?:correction|precision)\b|\b(?:meme|le|ce|mon) (?:numero|num|no) de (?:dossier|reclamation)\b|\bpour le (?:numero|num) de dossier\b",
    )
});
/// What somebody did about it, was told, or found to be wrong.
static HAPPENED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bj'ai (?:bien |deja |pourtant )?(?:envoye|paye|signe|appele|ecrit|trouve|verifie|essaye|retrouve|transmis|fourni|joint)|\bi(?: have|'ve)? (?:sent|paid|signed|called|rang|asked|wrote|told|transferred|uploaded|attached)\b|\bik heb [^.!?]{0,40}(?:gestuurd|betaald|gebeld|gevraagd|overgemaakt)|\bich habe [^.!?]{0,40}(?:geschickt|bezahlt|uberwiesen|angerufen|gefragt)|\bhe (?:enviado|pagado|llamado|mandado|cambiado de banco)|\bon m'(?:a|avait) (?:dit|promis|assure|repondu|demande|refuse|vole|debite)|\b(?:nobody|no ?one) (?:called|answered|replied|told|has|have|ever)|\bpersonne ne (?:m'|nous)|\btoujours sans|\b(?:stimmt|klopt) (?:nicht|niet)|\best (?:fausse?|faux|inexacte?|erronee?|incorrecte?)\b|\b(?:is|are|was) (?:wrong|incorrect|not (?:correct|right))\b|\bthe wrong (?:date|name|amount|person|account)|\bno es correct[oa]|\b(?:appl?i?|appli\w*|site|lien|link|code|page|plateforme|platform|website)\b[^.!?]{0,40}\b(?:marche|fonctionne|s'ouvre|works?|werkt|funciona|funktioniert)|\b(?:werkt|funktioniert|funciona) (?:de|die|das|la|el) \w+|\b(?:numero|telephone|portable) a change|\b(?:le projet|the project) (?:en question|est|s'appelle|is)\b|\bdesolee? (?:pour le|du) derangement|^\W*(?:pas|aucun) (?:de )?(?:souci|probleme)|\b(?:prenez votre temps|take your time)|\b(?:repondre|signer|parler) (?:a ma place|pour moi)\b|^\W*(?:ok|oui|d'accord|yes) (?:pour|for)\b",
    )
});
/// What the desk is told to do, or not to do, for the one who writes.
static TELLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:n'oubliez pas (?:mon|ma|mes|notre|que|de me)|ne (?:cloturez|fermez|classez)|ne m'(?:appelez|ecrivez|telephonez)|ne me (?:citez|rappelez|telephonez)|ne (?:pas|plus) (?:m'|me )(?:appeler|telephoner|rappeler)|repondez[- ](?:moi|par|a (?:ma|mon|mes))|dites[- ]moi|dites a vo(?:s|tre)|(?:demandez|renvoyez|expliquez)[- ](?:les[- ]|le[- ]|la[- ])?moi|faites (?:plus|au mieux|vite|le necessaire|quelque chose)|utilisez celle|mettez bien|appelez quand|appelez[- ]moi avant|(?:re)?open (?:the|my|this) (?:case|file|complaint)|close (?:the|my|this) (?:case|file|complaint)|(?:cloturez|fermez|classez) (?:mon|le|ce|la)|please (?:send|explain|confirm|correct|cancel|stop|refund|pay|advise)(?: to)? (?:me|my|why|when|whether|how)|merci d'(?:accelerer|agir|intervenir|en tenir compte|arreter|annuler|expliquer)|merci de (?:suspendre|basculer|corriger|rectifier|annuler|cloturer|proceder|me (?:confirmer|dire|tenir|rembourser)|m'(?:indiquer|expliquer)|ne pas m'envoyer|vous occuper)|envoyer (?:le|un) (?:courrier|recommande)|(?:do not|don't) (?:call|ring|phone) me|(?:do not|don't) (?:close|forget) my|nicht anrufen|bel me niet|niets per post|no me llamen?|pa (?:kriye|rele))\b",
    )
});
static ASKED_TO_WRITE_NOWHERE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bne repondez pas"));
/// What this desk wrote, or has: with thanks for it, or told by somebody who speaks of themselves. All who
/// write wrote a message, so that thanks for that are nobody's.
static YOURS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:votre|cette) (?:prompte? |rapide |gentille? )*(?:accuse|confirmation|diligence|reponse|lettre|formulaire|collegue|conseill\w+|standard|plateforme|systeme|serveur|site|appli\w*|explication|decision|proposition|offre)|votre (?:gentil )?petit mot|l'accuse de reception|vos (?:reponses|explications|delais|conseill\w+)|(?:your|the (?:quick|prompt|kind|swift))(?: quick| prompt| kind| swift)* (?:colleague|letter|confirmation|reply|answer|decision|offer|system|server|website|site|app|platform|agent|acknowledg\w+)|(?:die|ihre|der|ihrer) (?:bestatigung|antwort|entscheidung|frist)|su (?:propia web|confirmacion|respuesta|decision|carta)|(?:uw|de) (?:bevestiging|antwoord|brief|beslissing))\b",
    )
});
/// Thanks for something, and what is thanked for in notes.
static THANKS_FOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:mercis? (?:beaucoup |encore |infiniment )?(?:pour|a|de vo(?:s|tre)|d'avoir|de m'avoir)|(?:thanks|thank you|cheers)(?: so much| very much| again)? for|gracias por|bedankt voor|dank (?:u )?voor|danke fur|m[ei]si (?:anpil )?(?:pou|pour)) (?P<what>.{0,60})",
    )
});
static FOR_ANYBODY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"messag|mail|courriel|courrier|demande|interet|patien|paciencia|compren|comprehen|visit|confiance|e?s?cri[bvtr]|contact|command|candidature|wr[io]t|enquir|inquir|request|reaching|getting in touch|interest|understanding|bericht|geduld|begrip|nachricht|anfrage|verstandnis|mensaje|correo|consulta|indulgence|pensee|attention|appel|\bcall|order|bestell|fidelite|soutien|support|^(?:tout|everything|todo|vous|toi|tous|all|you)\b|^(?:votre |ton |your )?(?:temps|time)\b|\bnot[ae]\b|stopping|dropping|checking|follow|\bdons?\b|donation|participation|inscription|achat|purchase|registr|souscri|reserv|booking|choisi|choos|venue|lecture|annees|years|reading|attente",
    )
});

fn thanks_for_something(sentence: &str) -> bool {
    THANKS_FOR.captures_iter(sentence).any(|thanks| !FOR_ANYBODY.is_match(&thanks["what"]))
}

static THANKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:merci|remerci\w+|thanks?|thank you|danke?|dank|bedankt|gracias|mesi|mersi)\b")
});
/// Money back, and what is not to be borne.
static DEMANDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bnous (?:reclam|contest|exig|demand|refus)|\bma reclamation\b|\brembours(?:e|ez|er|es|ee|ees)\b|\bmy complaint\b|\bwe (?:complain|demand|insist|dispute|refuse)\b|\brefund|inadmissible|inacceptable|unacceptable|scandal|pas recu|not received",
    )
});

fn says_something(sentence: &str) -> bool {
    let of_ours = || YOURS.is_match(sentence) && (I.is_match(sentence) || THANKS.is_match(sentence));
    let tells = || TELLS.is_match(sentence) && !ASKED_TO_WRITE_NOWHERE.is_match(sentence);
    [&TO_US, &SAYS, &HAPPENED, &DEMANDS].iter().any(|says| says.is_match(sentence)) || tells() || of_ours()
}

/// A question that a note puts to whoever reads it, to answer it itself: "Une question ? Appelez le 12."
static OF_A_NOTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*(?:vous (?:avez|souhaitez|voulez|cherchez|desirez|etes)|besoin|envie|une?|des|un|du|de|si|en|pour|plus (?:de|d')|autres?|do you (?:have|need|want)|looking|need|want|any (?:questions?|queries|problems?|urgent)|more|have you|is (?:it|this) urgent|urgent|urgence|votre|your|c'est (?:urgent|pour)|heeft u|tiene|haben sie)\b",
    )
});
static ASKING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:je|j'\w+|me|moi|mon|ma|mes|on|nous|vous|quelqu'un|quand|combien|pourquoi|comment|ou|quel\w*|qui|est[- ]ce|il|elle|ca|ce|i|my|you|we|which|what|when|where|why|who|how|did|does|is|are|can|could|will|ik|mijn|u|wanneer|waarom|hoe|kunt|ich|sie|wann|warum|wie|konnen|cuando|por que|como|puede|cual|kile|ki|poukisa|kouman|es|le|la|les|et|and)\b",
    )
});

/// A question that its writer answers is none: the next sentence then follows, and nobody is spoken to.
static TO_YOU: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:vous|votre|vos|you|your|u|uw|sie|ihre?|usted(?:es)?|zot|n ap|mon|ma|mes|my|mijn|mein|mi|mwen)\b",
    )
});

/// Whether no more follows than a greeting or a name.
fn ends(after: &[&str]) -> bool {
    after.iter().map(|sentence| sentence.split_whitespace().count()).sum::<usize>() <= BARE_WORDS
}

fn asks(sentence: &str) -> bool {
    // Nothing but marks is a question to who wrote before.
    sentence.contains("??")
        || sentence.split_once('?').is_some_and(|(question, _)| {
            question.split_whitespace().count() >= QUESTION_WORDS
                && !OF_A_NOTE.is_match(question)
                && ASKING.is_match(question)
        })
}

static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\d ?(?:€|k€|euros?\b|eur\b)|€ ?\d|% (?:de |d'|of |in )?(?:frais|commission|interet|fee|interest)",
    )
});
/// What something costs, as price lists say it.
static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*(?:[\w'-]+ ){0,2}[\w'-]+ ?:|\b(?:tarif|prix|adhesion|cotisation|forfait|remise|promo|price|preis|prijs|precio)",
    )
});

fn names_an_amount(sentence: &str) -> bool {
    AMOUNT.is_match(sentence) && !PRICE.is_match(sentence)
}

/// Concepts (`understand/concepts.txt`) that no note has, whoever speaks.
const TOLD: [&str; 16] = [
    "adds",
    "anger",
    "asks_state",
    "complain_open",
    "contest",
    "data_right",
    "follow_up",
    "not_settled",
    "proof",
    "redress",
    "reexam",
    "regulator",
    "right",
    "settled",
    "why",
    "withdraw",
];
/// Concepts that say something of a person's where they tell it of themselves.
const TOLD_OF_ONESELF: [&str; 9] = [
    "demand",
    "fault",
    "fraud",
    "legal",
    "mediator",
    "no_complaint",
    "not_withdraw",
    "self_harm",
    "went_wrong",
];
/// That somebody cannot read or answer, or opens again, is no grievance in a note; nor is what its reader
/// finds elsewhere an addition.
static OF_AN_ABSENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:ne )?(?:peux|puis|pourrai) pas (?:vous )?(?:repondre|lire|consulter|decrocher|telephoner|parler)|(?:ne )?(?:travaille|lis|reponds|consulte) (?:plus|pas)\b|(?:can ?not|can't|won't) (?:answer|reply|read|respond)|pas acces|(?:no|without) access|\b(?:lese|beantworte|lees|beantwoord|leo|consulto) (?:derzeit |momentan )?(?:keine?|geen|niet|nicht)\b|\breouv\w+|nouvel avis|vous trouverez|(?:classee?|restera|sera) sans suite",
    )
});

/// Somebody tells what went wrong, or what they want.
fn is_grieved(sentence: &str) -> bool {
    let found = concept::find_in(&OF_AN_ABSENCE.replace_all(sentence, " "));
    let told = |concepts: &[&str]| concepts.iter().any(|concept| found.contains(concept));
    told(&TOLD) || I_SPEAK.is_match(sentence) && told(&TOLD_OF_ONESELF)
}

/// The line that a telephone puts below what somebody types on it.
static HAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^(?:envoye (?:de|depuis) (?:mon|ma|un)|sent from my|von meinem|verzonden (?:met|vanaf) mijn|enviado desde mi|inviato da)",
    )
});
/// A subject that somebody chose for their matter.
static OWN_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:ma |my |mijn |mi )?(?:reclamation|plainte|litige|complaint|klacht|queja)\b")
});

/// What somebody says first who has read a letter.
static HAS_READ: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:bonjour|bonsoir|hello|hi|hola|bonjou|bjr|salut)\b[\s,.!]*)*(?:ok|oui merci|d'accord|entendu|(?:c'est |bien |je )?note|noted|got this|recu|bien recu|lu|tres bien|parfait|super|merci|thanks|thank you|danke|besten dank|dank u|bedankt|recibido|gracias|mersi|mesi)\b",
    )
});
static FOR_WRITING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^ (?:pour|de|d'|for|por|voor|fur|paske|votre|your|je|u)\b"));
/// Who answers, says yes.
static YES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[.,!;:\n] ?|\bmais |\bpro )(?:oui|yes|si si|ja)\b"));
/// Days that are counted from today: a note is read on any day.
static TODAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:hier|aujourd'hui|demain|ce (?:matin|midi|soir)|cet apres-midi|cette semaine|(?:la )?semaine prochaine|tout a l'heure|yesterday|today|tomorrow|tonight|this (?:week|morning|afternoon)|next week|gisteren|morgen|vandaag|deze week|heute|gestern|hoy|ayer|manana)\b",
    )
});
/// How to reach the one who writes.
static REACH_ME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:appelez|rappelez|telephonez|ecrivez)[- ]moi|call me|priere d'appeler|pour info|si possible)\b",
    )
});

/// Somebody who has read a letter and goes on; a bare "received, thanks" is what machines say too.
fn has_read(text: &str) -> bool {
    let text = text.trim_start();
    let read = HAS_READ.find(text).is_some_and(|found| !FOR_WRITING.is_match(&text[found.end()..]));
    let yes = YES.is_match(text);
    read && yes || (read || yes) && [&TODAY, &REACH_ME].iter().any(|sign| sign.is_match(text))
}

#[cfg(test)]
mod tests;
