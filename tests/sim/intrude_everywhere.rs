//! At each point of a process another one runs from beginning to end, as several instances on one
//! PostgreSQL do: nothing is done twice.

use std::sync::Arc;

use complaintd::shell::intake::{self, Folder};
use complaintd::shell::run::settle;
use futures::FutureExt as _;

use crate::faults::{Fault, Faults, Intruder};
use crate::oracle::{Repeats, check, end_state};
use crate::world::{World, first_mails, second_mails};

fn intruder(world: &World) -> Intruder {
    let (mailbox, relay, now) = (world.mailbox.clone(), world.relay.clone(), world.now);
    let desk = world.desk(&Faults::none());
    Arc::new(move || {
        let (mailbox, relay, desk) = (mailbox.clone(), relay.clone(), desk.clone());
        async move {
            let mut folder = Folder { mailbox: Box::new(mailbox), mx_hosts: Vec::new() };
            intake::round(&desk, &mut folder, now, &|| {}).await.expect("the intruder meets no fault");
            settle(&desk, &relay, now).await.expect("the intruder meets no fault");
        }
        .boxed()
    })
}

async fn play(point: Option<usize>) -> (World, usize) {
    let mut world = World::new().await;
    world.all_arrive(first_mails());
    // Down at first, so that both look late at what came meanwhile.
    world.scanner.goes_down();
    let faults = match point {
        Some(point) => Faults::at(point, Fault::Intrude(intruder(&world))),
        None => Faults::none(),
    };
    // A conflict may end this one's round; it goes on at the next.
    for _ in 0..3 {
        world.process(&faults).await;
    }
    world.scanner.comes_back();
    let ack = world.letter_to("marie@client.example").expect("Marie has her acknowledgement");
    world.all_arrive(second_mails(&ack));
    for _ in 0..3 {
        world.process(&faults).await;
    }
    (world, faults.passed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_instance_at_any_point_does_nothing_twice() {
    let (mut world, points) = play(None).await;
    world.settles().await;
    check(&world, Repeats::None).await;
    let expected = end_state(&world).await;
    for point in 0..points {
        let (mut world, _) = play(Some(point)).await;
        world.settles().await;
        eprintln!("intrusion at point {point}");
        check(&world, Repeats::None).await;
        assert_eq!(end_state(&world).await, expected, "after an intrusion at point {point}");
    }
}
