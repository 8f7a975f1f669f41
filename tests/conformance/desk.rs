//! What belongs to no case.

use complaintd::core::case::Case;
use complaintd::core::event::Event;
use complaintd::core::ids::CaseNumber;
use complaintd::ports::{Committed, Store as _, Tally};

use super::{World, change, filed, headline, minute};

pub async fn the_desk_has_a_journal_and_no_serial(world: World) {
    let desk = Case::unopened(CaseNumber::DESK);
    let activate = change(&desk, vec![Event::Activated { at: minute(0) }], minute(0));
    assert_eq!(world.store.commit(std::slice::from_ref(&activate)).await.expect("told"), Committed::Done);
    assert_eq!(world.store.commit(&[activate]).await.expect("told"), Committed::Conflict, "once");
    let desk = world.store.case(CaseNumber::DESK).await.expect("read").expect("there");
    assert_eq!(desk.activated_at, Some(minute(0)));
    assert_eq!(world.store.journal(CaseNumber::DESK).await.expect("read").len(), 1);
    assert_eq!(world.store.cases().await.expect("read"), [], "the desk is no case");
    assert_eq!(world.store.tally().await.expect("counted"), Tally::default());
    world.complaint(1).await;
    world.assert_verified().await;
}

pub async fn folders_tell_how_they_fare(world: World) {
    let store = &world.store;
    assert!(store.health().await.expect("read").is_empty());
    store.record_health("info/INBOX", minute(1), None).await.expect("written");
    store.record_health("info/Junk", minute(2), Some("NO such folder")).await.expect("written");
    store.record_health("info/INBOX", minute(3), Some("BYE")).await.expect("written");
    store.record_health("info/INBOX", minute(4), None).await.expect("written");
    let health = store.health().await.expect("read");
    let [inbox, junk] = health.as_slice() else { panic!("two folders: {health:?}") };
    assert_eq!((inbox.label.as_str(), inbox.last_success), ("info/INBOX", Some(minute(4))));
    assert_eq!((inbox.last_error.as_deref(), inbox.last_error_at), (Some("BYE"), Some(minute(3))));
    assert_eq!((junk.last_success, junk.last_error.as_deref()), (None, Some("NO such folder")));
}

pub async fn the_tally_counts_what_waits(world: World) {
    world.complaint(1).await;
    world.complaint(2).await;
    let mut aside = filed(world.receive(8, "aside").await.id, None, headline(None, "aside"));
    aside.mail.as_mut().expect("an outcome").disposition = complaintd::ports::Disposition::SetAside;
    world.store.commit(&[aside]).await.expect("written");
    world.receive(9, "new").await;
    let expected = Tally {
        cases_open: 2,
        mails_received: 1,
        mails_set_aside: 1,
        letters_queued: 2,
        letters_held: 0,
        letters_failed: 0,
        mails_unscanned: 0,
    };
    assert_eq!(world.store.tally().await.expect("counted"), expected);
}
