//! The process dies at each point of a scenario, one run a point; another process goes on. Every run ends
//! as the one without a crash did, and repeats at most what lay between hand-over and settling.

use complaintd::shell::limits::OUTBOX_SIDE_BY_SIDE;

use crate::faults::{Fault, Faults};
use crate::oracle::{EndState, Repeats, check, end_state};
use crate::world::{World, first_mails, second_mails};

/// Fewer points than this would mean that the simulation no longer sees the shell's steps.
const FLOOR: usize = 100;

/// Plays the scenario; the fault strikes in whichever process reaches its point.
async fn play(faults: std::sync::Arc<Faults>) -> World {
    let mut world = World::new().await;
    world.all_arrive(first_mails());
    work(&world, &faults).await;
    // A letter whose process died between claim and hand-over leaves once the claim is over.
    for _ in 0..3 {
        if world.letter_to("marie@client.example").is_none() {
            world.now += crate::common::desk::CLAIM_LASTS;
            work(&world, &faults).await;
        }
    }
    let ack = world.letter_to("marie@client.example").expect("Marie has her acknowledgement");
    world.all_arrive(second_mails(&ack));
    work(&world, &faults).await;
    world
}

/// A process; if it died or failed, one more, which meets no second fault.
async fn work(world: &World, faults: &std::sync::Arc<Faults>) {
    for _ in 0..3 {
        if world.process(faults).await {
            return;
        }
    }
    panic!("three processes in a row ended badly");
}

async fn reference() -> (usize, EndState) {
    let faults = Faults::none();
    let mut world = play(faults.clone()).await;
    let points = faults.passed();
    world.settles().await;
    check(&world, Repeats::None).await;
    (points, end_state(&world).await)
}

async fn everywhere(fault: Fault, repeats: Repeats) {
    let (points, expected) = reference().await;
    assert!(points >= FLOOR, "only {points} points: does the simulation still see the shell's steps?");
    for point in 0..points {
        let faults = Faults::at(point, fault.clone());
        let mut world = play(faults.clone()).await;
        let name = faults.names.lock().expect("no panic while locked").get(point).cloned();
        world.settles().await;
        eprintln!("point {point}: {}", name.unwrap_or_default());
        check(&world, repeats).await;
        assert_eq!(end_state(&world).await, expected, "after a fault at point {point}");
    }
    println!("{points} points");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_point_changes_nothing_in_the_end() {
    std::panic::set_hook(Box::new(|info| {
        if info.payload().downcast_ref::<&str>() != Some(&crate::faults::CRASH) {
            eprintln!("{info}");
        }
    }));
    everywhere(Fault::Crash, Repeats::AtMost(OUTBOX_SIDE_BY_SIDE as usize)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_at_any_point_changes_nothing_in_the_end() {
    everywhere(Fault::Fail, Repeats::AtMost(1)).await;
}
