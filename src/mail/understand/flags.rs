//! What raises attention (DOMAIN §4). Flags never lower treatment; a flag too many costs a look.

use std::collections::BTreeSet;

use super::signs::Signs;
use crate::core::facts::{Flag, Intent};

pub fn of(signs: &Signs, intent: Option<Intent>) -> BTreeSet<Flag> {
    let unrelated = intent == Some(Intent::Unrelated);
    let says = |concept: &str| signs.told.contains(concept) || signs.says(concept);
    let mut flags = BTreeSet::new();
    let mut set = |flag: Flag, holds: bool| {
        if holds {
            flags.insert(flag);
        }
    };
    // An insult alone tells of no act.
    let told = signs.folded.split_whitespace().nth(7).is_some();
    // Danger to a person, theft and leaked data are looked at whatever else a mail seems to be: only what
    // reads like a swindle or an advertisement itself is believed in nothing.
    let is_lure = unrelated && ["scam", "solicit", "charity"].iter().any(|each| says(each));
    let vulnerable = says("vulnerable") || (says("age") && says("difficulty"));
    set(Flag::VulnerablePerson, vulnerable && !is_lure);
    // Who speaks of their own death is seen wherever in a mail it stands.
    set(Flag::VulnerablePerson, signs.is_in_danger());
    set(Flag::FraudSuspected, says("fraud") && told && !is_lure);
    set(Flag::DataBreachSuspected, says("breach") && !is_lure);
    // What a supplier or a stranger says of courts and newspapers is no threat to the desk.
    set(Flag::LegalThreat, says("legal") && !unrelated);
    set(Flag::RegulatorMentioned, says("regulator") && !unrelated);
    set(Flag::MediatorMentioned, says("mediator") && !unrelated);
    set(Flag::PressThreat, says("press") && !unrelated);
    set(Flag::DataRequest, intent == Some(Intent::DataRequest));
    // Somebody after our own passwords tells of no fraud, but is one.
    set(Flag::FraudSuspected, unrelated && asks_for_secrets(signs));
    flags
}

fn asks_for_secrets(signs: &Signs) -> bool {
    let text = &signs.folded;
    let asks = [
        "mot de passe",
        "password",
        "identifiants",
        "credentials",
        "vos codes",
        "verify your account",
        "contrasena",
        "wachtwoord",
    ];
    let link = ["http", "cliqu", "click", "lien suivant"];
    asks.iter().any(|each| text.contains(each)) && link.iter().any(|each| text.contains(each))
}
