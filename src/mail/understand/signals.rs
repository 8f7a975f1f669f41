//! What led to a decision, in words that a compliance officer can read.

/// Signals that are told, and how much one must add to be told at all.
const TOLD: usize = 6;
const WORTH_TELLING: f64 = 0.15;
/// A word by itself is a weaker sign than what it means.
const WORD_WORTH_TELLING: f64 = 0.4;

/// The likeliest class beside the chosen one.
pub fn rival<'a>(classes: &'a [String], probabilities: &[f64], chosen: &str) -> &'a str {
    let others = classes.iter().zip(probabilities).filter(|(class, _)| *class != chosen);
    others.max_by(|a, b| a.1.total_cmp(b.1)).map_or("", |(class, _)| class)
}

/// The strongest reasons, named.
pub fn told(reasons: &[(&str, f64)]) -> Vec<String> {
    reasons
        .iter()
        .filter(|(from, strength)| {
            *strength >= if from.contains(':') { WORTH_TELLING } else { WORD_WORTH_TELLING }
        })
        .filter_map(|(from, _)| named(from))
        .take(TOLD)
        .collect()
}

/// `None` for what says nothing by itself.
fn named(from: &str) -> Option<String> {
    let Some((kind, name)) = from.split_once(':') else {
        // Each number is read as this one.
        return Some(if from == "0" { "gives numbers".to_owned() } else { format!("says \"{from}\"") });
    };
    let concept = || told_concept(name);
    Some(match kind {
        "c" => concept(),
        "s" => format!("subject: {}", concept()),
        "rs" => format!("subject of the conversation: {}", concept()),
        "q" => format!("quoted letter: {}", told_letter(name)),
        "t" => format!("speaks of {}", told_topic(name)),
        "st" => format!("subject speaks of {}", told_topic(name)),
        "m" => return told_shape(name).map(str::to_owned),
        _ => return None,
    })
}

fn told_concept(name: &str) -> String {
    let (denied, name) = match name.strip_prefix("not_") {
        Some(rest) => ("denied: ", rest),
        None => ("", name),
    };
    let words = match name {
        "contest" => "disagrees with an answer",
        "reexam" => "asks for a second look",
        "answer" => "speaks of an answer of the desk",
        "status" => "asks where it stands",
        "my_case" => "speaks of a case of their own",
        "withdraw" => "withdraws it",
        "settled" => "says that it is settled",
        "data_right" => "speaks of personal data",
        "right" => "exercises a data subject's right",
        "redress" => "asks for redress",
        "thanks" => "thanks",
        "question" => "asks for information",
        "follow_up" => "adds to what was sent",
        "solicit" => "offers, advertises or invoices",
        "complaint_word" => "says complaint or the like",
        "complain_open" => "complains openly",
        "anger" => "is angry or disappointed",
        "fault" => "tells what went wrong",
        "demand" => "demands",
        "no_complaint" => "says that it is no complaint",
        "steps" => "tells what was tried",
        "proof" => "speaks of evidence",
        "paste" => "shows what was displayed",
        "fraud" => "tells or alleges fraud",
        "legal" => "threatens or takes legal steps",
        "regulator" => "names an authority",
        "mediator" => "names the mediator",
        "press" => "speaks of the press or of reviews",
        "vulnerable" => "tells of a vulnerable person",
        "self_harm" => "speaks of their own death",
        "breach" => "tells of leaked data",
        "prospect" => "thinks of becoming a customer",
        "research" => "asks for a study, a class or the press",
        "general_question" => "asks how things work",
        "supplier" => "a supplier or creditor writes",
        "job" => "looks for work",
        "charity" => "asks for a gift",
        "scam" => "reads like a swindle or a chain letter",
        "neighbour" => "private or meant for somebody else",
        "praise" => "praises",
        "convinced" => "is convinced",
        "gives_up" => "gives it up",
        "own_mistake" => "admits a mistake of their own",
        "own_data" => "asks for or corrects their own data",
        "not_settled" => "finds that an answer settles nothing",
        "waiting" => "has waited",
        "why" => "asks why it happened",
        "went_wrong" => "tells of something refused, lost or late",
        "asks_state" => "asks how far it is",
        "adds" => "adds something",
        other => return format!("{denied}speaks of {}", told_topic(other)),
    };
    format!("{denied}{words}")
}

fn told_topic(name: &str) -> &str {
    match name {
        "technical" => "the site, the app or the access",
        "money" => "money",
        "project" => "a project",
        "service" => "how people were served",
        "social" => "social networks",
        "age" => "age",
        "difficulty" => "a difficulty",
        other => other,
    }
}

fn told_letter(name: &str) -> &str {
    match name {
        "acknowledges" => "an acknowledgement",
        "decides" => "a decision",
        "asks" => "a request for documents",
        other => other,
    }
}

fn told_shape(name: &str) -> Option<&'static str> {
    Some(match name {
        "answers" => "answers a mail",
        "in_case" => "belongs to a case",
        "attached" => "holds a document",
        "empty" => "has no text",
        "question" | "mostly_questions" => "asks a question",
        "shouts" => "repeats ! or ?",
        "contests_answer" | "contests_quoted" => "disagrees with the answer it quotes or names",
        "reexam_answer" => "asks for a second look at an answer",
        "status_of_case" => "asks where its case stands",
        "grieves" | "grievance_and_demand" => "tells a grievance",
        "calm_question" | "asks_without_grievance" => "asks calmly",
        "sends_asked" => "sends what was asked for",
        "brief_thanks" | "only_thanks" => "thanks, and nothing else",
        "settled_in_case" => "says that its case is settled",
        "exercises_right" => "exercises a data subject's right",
        "calm" => "has no grievance, demand or allegation",
        _ => return None,
    })
}
