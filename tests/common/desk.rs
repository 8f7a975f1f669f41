//! A desk like Divikeys', put together by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use complaintd::core::policy::{Caps, Policy};
use complaintd::mail::compose::{Composer, Sender};
use complaintd::mail::template::Templates;
use complaintd::ports::Store;
use complaintd::shell::authenticity::Vouchers;
use complaintd::shell::{Desk, Outgoing};
use jiff::{SignedDuration, Timestamp};

use super::address;

/// Who is told when something needs a human.
pub const ALERT: &str = "responsable@divikeys.com";
/// A colleague.
pub const STAFF: &str = "sophie@divikeys.com";

/// How long a letter whose process died waits.
pub const CLAIM_LASTS: SignedDuration = SignedDuration::from_mins(10);

fn policy(answer_since: Timestamp) -> Policy {
    Policy {
        own: BTreeSet::from([address("info@divikeys.com"), address("reclamations@divikeys.com")]),
        staff: BTreeSet::from([address(STAFF), address(ALERT)]),
        alerts: vec![address(ALERT)],
        answer_since,
        caps: Caps { per_address_hour: 5, per_address_day: 10, notices_hour: 30, desk_hour: 300 },
        ..super::policy()
    }
}

pub fn sender() -> Sender {
    Sender {
        name: "Divikeys".to_owned(),
        legal_name: "Divikeys SAS".to_owned(),
        department_fr: "Service réclamations".to_owned(),
        department_en: "Complaints department".to_owned(),
        phone: "+590 590 55 01 00".to_owned(),
        postal: ["14 rue Anegada", "Hope estate", "97150 Saint-Martin"].map(str::to_owned).to_vec(),
        website: "https://www.divikeys.com".to_owned(),
        privacy_url: "https://www.divikeys.com/confidentialite".to_owned(),
    }
}

pub fn composer() -> Composer {
    let templates =
        Templates::load(&BTreeMap::new(), &BTreeMap::new()).expect("the built-in templates render");
    Composer::new(templates, sender())
}

pub fn desk(store: Arc<dyn Store>, answer_since: Timestamp) -> Desk {
    let minutes = [1, 5, 15, 60].map(SignedDuration::from_mins);
    Desk {
        store,
        policy: Arc::new(policy(answer_since)),
        composer: Arc::new(composer()),
        outgoing: Outgoing::Leaves,
        mail_bytes: 50 << 20,
        retry_after: minutes.into_iter().cycle().take(40).collect(),
        claim_lasts: CLAIM_LASTS,
        vouchers: Vouchers::default(),
    }
}
