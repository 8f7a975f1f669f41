//! Mails as they are kept, before anything in them is read.

use std::collections::BTreeMap;

use complaintd::core::authenticity::Verdict;
use complaintd::core::scan::Scan;
use complaintd::ports::{
    Commit, Committed, Disposition, Kept, MailOutcome, Rescan, Rest, Store as _, Unscanned,
};

use super::{World, arrival, filed, headline, number, place};

pub async fn a_mail_is_kept_once(world: World) {
    let store = &world.store;
    store.keep(&[arrival(1, "one"), arrival(2, "two"), arrival(1, "one again")]).await.expect("kept");
    store.keep(&[arrival(2, "other bytes"), arrival(3, "three")]).await.expect("kept");
    store.keep(&[]).await.expect("nothing to keep is no error");
    let kept = store.received(0, 10, u64::MAX).await.expect("listed");
    let raws: Vec<&[u8]> = kept.iter().map(|mail| &*mail.raw).collect();
    assert_eq!(raws, [b"one".as_slice(), b"two", b"three"], "a place that is there is left as it is");
    let asked = [place(1), place(3), place(4)];
    let stored = store.stored(&asked).await.expect("asked");
    assert_eq!(stored.into_keys().collect::<Vec<_>>(), [place(1), place(3)]);
    let mut reused = place(1);
    reused.validity += 1;
    assert!(store.stored(&[reused]).await.expect("asked").is_empty(), "another UIDVALIDITY, another mail");
}

pub async fn a_large_mail_comes_in_parts_and_is_whole_in_the_end(world: World) {
    let store = &world.store;
    let mut large = arrival(1, "begin");
    large.bytes = 13;
    store.keep(&[large]).await.expect("kept");
    let kept = |bytes, whole| BTreeMap::from([(place(1), Kept { bytes, whole })]);
    assert_eq!(store.stored(&[place(1)]).await.expect("asked"), kept(5, false));
    let rest = |start, raw: &str, last| Rest { place: place(1), start, raw: raw.into(), last };
    // Another instance fetched the same part; the second finds the mail moved on.
    for _ in 0..2 {
        store.keep_more(&rest(5, "-more", false)).await.expect("kept");
    }
    store.keep_more(&rest(3, "a gap or an overlap", true)).await.expect("left out");
    assert_eq!(store.stored(&[place(1)]).await.expect("asked"), kept(10, false));
    let mail = store.received(0, 1, 1).await.expect("listed").pop().expect("one");
    assert_eq!((mail.raw.as_slice(), mail.whole), (b"begin-more".as_slice(), false));
    // The server's size was wrong: where the mail ends is told by the last part.
    store.keep_more(&rest(10, "-e", true)).await.expect("kept");
    assert_eq!(store.stored(&[place(1)]).await.expect("asked"), kept(12, true));
    let mail = store.mail(mail.id).await.expect("asked").expect("there");
    assert_eq!((mail.raw.as_slice(), mail.whole), (b"begin-more-e".as_slice(), true));
    world.assert_verified().await;
}

pub async fn a_mail_is_read_back_as_it_came(world: World) {
    let bytes: Vec<u8> = (0..=255).cycle().take(2_500_000).collect();
    let mut whole = arrival(1, "");
    whole.raw.clone_from(&bytes);
    whole.digest = complaintd::core::ids::Digest::of(&bytes);
    whole.bytes = 2_500_000;
    world.store.keep(std::slice::from_ref(&whole)).await.expect("kept");
    let mail = world.store.received(0, 1, 1).await.expect("listed").pop().expect("one");
    assert_eq!((mail.raw, mail.digest, mail.received_at), (bytes, whole.digest, whole.received_at));
    assert_eq!((mail.tries, &mail.place), (0, &whole.place));
    for expected in 1..=3 {
        world.store.begin_reading(&[mail.id]).await.expect("counted");
        let again = world.store.mail(mail.id).await.expect("found").expect("there");
        assert_eq!(again.tries, expected, "a try is counted before reading begins");
    }
    assert!(world.store.mail(mail.id + 1).await.expect("asked").is_none());
}

pub async fn received_is_bounded_by_number_and_bytes(world: World) {
    let arrivals: Vec<_> = (1..=5).map(|uid| arrival(uid, "0123456789")).collect();
    world.store.keep(&arrivals).await.expect("kept");
    for (limit, bytes, expected) in
        [(10, u64::MAX, 5), (2, u64::MAX, 2), (10, 25, 2), (10, 20, 2), (10, 0, 1)]
    {
        let uids: Vec<String> = world
            .store
            .received(0, limit, bytes)
            .await
            .expect("listed")
            .into_iter()
            .map(|mail| mail.place.uid)
            .collect();
        let oldest: Vec<String> = (1..=expected).map(|uid: u32| uid.to_string()).collect();
        assert_eq!(uids, oldest, "at most {limit} mails of {bytes} bytes");
    }
    let second = world.store.received(0, 2, u64::MAX).await.expect("listed").remove(1).id;
    let rest = world.store.received(second, 10, u64::MAX).await.expect("listed");
    assert_eq!(rest.iter().map(|mail| mail.place.uid.as_str()).collect::<Vec<_>>(), ["3", "4", "5"]);
}

pub async fn what_the_scanner_has_still_to_look_at_is_found(world: World) {
    let store = &world.store;
    world.complaint(1).await;
    let of = |mail: i64, case: Option<u32>, scan: Scan| {
        let mut commit = filed(mail, case, headline(None, &format!("words {mail}")));
        commit.mail.as_mut().expect("an outcome").scan = scan;
        commit
    };
    let infected = Scan::Infected { signature: "Eicar-Signature".to_owned() };
    let mut mails = Vec::new();
    for uid in 11..=15 {
        mails.push(world.receive(uid, &format!("mail {uid}")).await.id);
    }
    let in_no_case = of(mails[2], None, Scan::Pending);
    let commits = [
        of(mails[0], Some(1), Scan::Pending),
        of(mails[1], Some(1), infected.clone()),
        in_no_case,
        of(mails[3], Some(1), Scan::Pending),
    ];
    assert_eq!(store.commit(&commits).await.expect("told"), Committed::Done);
    let waiting =
        |found: Vec<Unscanned>| -> Vec<i64> { found.into_iter().map(|each| each.mail.id).collect() };
    let found = store.unscanned(10, u64::MAX).await.expect("listed");
    assert_eq!((found[0].case, found[0].mail.raw.as_slice()), (Some(number(1)), b"mail 11".as_slice()));
    assert_eq!(waiting(found), [mails[0], mails[3]], "what nobody may open is left alone");
    assert_eq!(waiting(store.unscanned(10, 0).await.expect("listed")), [mails[0]], "at least one");
    assert_eq!(store.tally().await.expect("counted").mails_unscanned, 2);

    store.scan_failed(mails[0]).await.expect("counted");
    let found = store.unscanned(10, u64::MAX).await.expect("listed");
    assert_eq!(found[1].scan_tries, 1);
    assert_eq!(waiting(found), [mails[3], mails[0]], "the one it failed on comes last");

    let rescan = Rescan { mail: mails[3], scan: Scan::Clean };
    let commit = Commit { rescan: Some(rescan), ..Commit::default() };
    assert_eq!(store.commit(std::slice::from_ref(&commit)).await.expect("told"), Committed::Done);
    assert_eq!(store.commit(&[commit]).await.expect("told"), Committed::Conflict, "once");
    let kept = store.mails(None, None).await.expect("listed");
    let scan = |id: i64| kept.iter().find(|mail| mail.id == id).map(|mail| mail.scan.clone());
    assert_eq!(scan(mails[3]), Some(Scan::Clean));
    assert_eq!(scan(mails[1]), Some(infected));
    assert_eq!(scan(mails[4]), Some(Scan::NotAsked), "not decided on yet");
}

pub async fn a_mail_set_aside_can_be_tried_again(world: World) {
    let store = &world.store;
    let mut large = arrival(1, "only the first part");
    large.bytes = 99_000_000;
    large.set_aside = Some("99000000 bytes, the limit is 50000000".to_owned());
    store.keep(&[large, arrival(2, "two")]).await.expect("kept");
    let waiting = store.received(0, 10, u64::MAX).await.expect("listed");
    let why: Vec<Option<&str>> = waiting.iter().map(|mail| mail.set_aside.as_deref()).collect();
    assert_eq!(why, [Some("99000000 bytes, the limit is 50000000"), None], "whoever triages knows it unread");
    let decided = MailOutcome {
        mail: waiting[0].id,
        disposition: Disposition::SetAside,
        case: None,
        cause: waiting[0].set_aside.clone(),
        scan: Scan::NotAsked,
        facts: None,
    };
    let decided = Commit { mail: Some(decided), ..Default::default() };
    store.commit(&[decided]).await.expect("written");
    let aside = store.mails(Some(Disposition::SetAside), None).await.expect("listed");
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].cause.as_deref(), Some("99000000 bytes, the limit is 50000000"));
    assert_eq!(aside[0].bytes, 99_000_000);
    let waiting = store.received(0, 10, u64::MAX).await.expect("listed");
    assert_eq!(waiting.len(), 1, "a mail set aside is not read");
    assert!(!store.retry_mail(waiting[0].id).await.expect("asked"), "only what is set aside");
    store.begin_reading(&[aside[0].id]).await.expect("counted");
    assert!(store.retry_mail(aside[0].id).await.expect("put back"));
    assert!(!store.retry_mail(aside[0].id).await.expect("asked"), "once");
    let again = store.received(0, 10, u64::MAX).await.expect("listed");
    assert_eq!(again.iter().map(|mail| mail.tries).collect::<Vec<_>>(), [0, 0], "with its tries forgotten");
    assert_eq!(again[0].raw, b"only the first part");
    assert_eq!(again[0].set_aside, None, "a human wants it read all the same");
}

pub async fn mails_are_listed_by_disposition_and_case(world: World) {
    let (mail, _) = world.complaint(1).await;
    let other = world.receive(2, "thanks").await;
    let third = world.receive(3, "newsletter").await;
    let robot = MailOutcome {
        mail: third.id,
        disposition: Disposition::Filed,
        case: None,
        cause: Some("bulk mail".to_owned()),
        scan: Scan::NotAsked,
        facts: None,
    };
    let commits = [
        filed(other.id, Some(1), headline(None, "thanks")),
        Commit { mail: Some(robot), ..Default::default() },
    ];
    world.store.commit(&commits).await.expect("written");
    let list = async |disposition, case| {
        let mails = world.store.mails(disposition, case).await.expect("listed");
        mails.into_iter().map(|mail| mail.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None).await, [mail.id, other.id, third.id]);
    assert_eq!(list(Some(Disposition::Filed), Some(number(1))).await, [mail.id, other.id]);
    assert_eq!(list(None, Some(number(2))).await, [0_i64; 0]);
    assert_eq!(list(Some(Disposition::Received), None).await, [0_i64; 0]);
    let entry = world.store.mails(None, Some(number(1))).await.expect("listed").remove(0);
    assert_eq!(entry.message_id.as_deref(), Some("m1@example.fr"));
    assert_eq!(entry.sender, Some(super::marie()));
    assert_eq!(entry.subject.as_deref(), Some("Mon argent"));
    assert_eq!((entry.received_at, entry.sent_at), (super::minute(0), Some(super::minute(-5))));
    assert_eq!((entry.case, entry.disposition), (Some(number(1)), Disposition::Filed));
    let why = entry.authenticity.map(|found| (found.verdict, found.why));
    assert_eq!(why, Some((Verdict::Dkim, "dkim=pass for example.fr, by DNS".to_owned())));
    let unread = world.receive(9, "unread").await.id;
    let entries = world.store.mails(Some(Disposition::Received), None).await.expect("listed");
    let authenticity = |id| entries.iter().find(|entry| entry.id == id).expect("there").authenticity.clone();
    assert_eq!(authenticity(unread), None, "nothing is known before it is read");
}

pub async fn foreign_text_may_hold_anything(world: World) {
    let mail = world.receive(1, "a").await;
    let mut facts = headline(None, "a");
    "nul \0, quote ', emoji 🦜, \u{202e}".clone_into(&mut facts.subject);
    let mut commit = filed(mail.id, None, facts);
    commit.mail.as_mut().expect("an outcome").cause = Some("why\0".to_owned());
    world.store.commit(&[commit]).await.expect("written");
    let entry = world.store.mails(None, None).await.expect("listed").remove(0);
    assert_eq!(entry.subject.as_deref(), Some("nul \u{fffd}, quote ', emoji 🦜, \u{202e}"));
    assert_eq!(entry.cause.as_deref(), Some("why\u{fffd}"));
}
