use std::{ptr, sync::Arc, time::Duration};

use tokio::time::sleep;
use userinfo_core::{Error, ErrorKind, Lookup, LookupKind, UserInfoProvider};

use super::SingleFlightLayer;
use support::{Caller, Script, Upstream, over};

mod crowd;
mod foreign;
mod late;
mod midst;
mod model;
mod seen;
mod support;

fn setup() -> (SingleFlightLayer, Upstream, Arc<dyn UserInfoProvider>) {
    let (layer, upstream) = (SingleFlightLayer::new(), Upstream::default());
    let provider = over(&layer, &upstream);
    (layer, upstream, provider)
}

fn callers<const N: usize>(provider: &Arc<dyn UserInfoProvider>) -> [Caller; N] {
    std::array::from_fn(|_| Caller::new(provider, &Lookup::id("7")))
}

#[test]
fn concurrent_callers_make_one_request_and_share_its_user() {
    let (layer, upstream, provider) = setup();
    let [mut one, mut other] = callers(&provider);
    assert!(one.waits() && other.waits());
    assert_eq!((upstream.made(), layer.len()), (1, 1));
    upstream.answer(0);
    assert!(one.is_woken() && other.is_woken());
    let (one, other) = (one.ends().expect("a user"), other.ends().expect("a user"));
    assert!(ptr::eq(&raw const *one, &raw const *other), "the profile is shared");
    assert_eq!((upstream.made(), layer.len()), (1, 0));
}

#[test]
fn everyone_gets_a_clone_of_the_error() {
    let (layer, upstream, provider) = setup();
    let mut all: [_; 3] = callers(&provider);
    assert!(all.iter_mut().all(Caller::waits));
    let error = Error::new(ErrorKind::Rejected, "acme", "userInfo", "no").with_vendor_code("17");
    upstream.tell(0, Script::Answer(Err(error.with_source("the cause"))));
    for caller in &mut all {
        let error = caller.ends().expect_err("no user");
        assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Rejected, Some("17")));
        assert!(std::error::Error::source(&error).is_some());
    }
    assert_eq!((upstream.made(), layer.len()), (1, 0));
}

#[test]
fn another_id_or_token_or_provider_makes_another_request() {
    let (layer, upstream, provider) = setup();
    let second = over(&layer, &upstream);
    let plain = Lookup::id("7");
    let mut all = [
        Caller::new(&provider, &plain),
        Caller::new(&provider, &Lookup::id("8")),
        Caller::new(&provider, &plain.clone().with_token("a")),
        Caller::new(&provider, &plain.clone().with_token("b")),
        Caller::new(&second, &plain),
    ];
    assert!(all.iter_mut().all(Caller::waits));
    assert_eq!((upstream.made(), layer.len()), (5, 5));
}

#[test]
fn a_caller_after_the_answer_makes_a_new_request() {
    let (_, upstream, provider) = setup();
    let [mut one, mut late, mut newcomer] = callers(&provider);
    assert!(one.waits());
    upstream.answer(0);
    one.ends().expect("a user");
    assert!(late.waits());
    upstream.answer(1);
    // The answer is there, but nobody has fetched it: this one does.
    newcomer.ends().expect("a user");
    late.ends().expect("a user");
    assert_eq!(upstream.made(), 2);
}

#[test]
fn a_leader_who_is_dropped_harms_nobody() {
    let (layer, upstream, provider) = setup();
    let [mut leader, mut one, mut other] = callers(&provider);
    assert!(leader.waits() && one.waits() && other.waits());
    drop(leader);
    drop(one);
    assert_eq!((upstream.running(), layer.len()), (1, 1));
    upstream.answer(0);
    assert!(other.is_woken());
    other.ends().expect("a user");
    assert_eq!((upstream.made(), layer.len()), (1, 0));
}

#[test]
fn a_leader_who_is_dropped_after_the_answer_came_harms_nobody() {
    let (layer, upstream, provider) = setup();
    let [mut leader, mut follower] = callers(&provider);
    assert!(leader.waits() && follower.waits());
    upstream.answer(0);
    drop(leader);
    assert!(follower.is_woken());
    follower.ends().expect("a user");
    assert_eq!((upstream.made(), layer.len()), (1, 0));
}

#[test]
fn the_last_caller_to_go_cancels_the_request() {
    let (layer, upstream, provider) = setup();
    let [mut one, mut other, mut newcomer] = callers(&provider);
    assert!(one.waits() && other.waits());
    drop(one);
    assert_eq!(upstream.running(), 1);
    drop(other);
    assert_eq!((upstream.running(), layer.len()), (0, 0));
    assert!(newcomer.waits());
    assert_eq!(upstream.made(), 2);
}

#[test]
fn a_caller_who_is_never_polled_leaves_nothing() {
    let (layer, upstream, provider) = setup();
    let [never, mut other] = callers(&provider);
    assert!(other.waits());
    drop(never);
    assert_eq!((upstream.running(), layer.len()), (1, 1));
    drop(other);
    assert_eq!((upstream.made(), upstream.running(), layer.len()), (1, 0, 0));
}

#[test]
fn a_panic_is_one_callers_and_the_others_ask_again() {
    let (layer, upstream, provider) = setup();
    let [mut leader, mut one, mut other, mut newcomer] = callers(&provider);
    assert!(leader.waits() && one.waits() && other.waits());
    upstream.tell(0, Script::Panic);
    assert!(one.panics());
    drop(one);
    assert_eq!((upstream.running(), layer.len()), (0, 0));
    assert!(leader.is_woken() && other.is_woken(), "nobody waits for ever");
    assert!(leader.waits() && other.waits() && newcomer.waits());
    assert_eq!((upstream.made(), upstream.running()), (2, 1));
    upstream.answer(1);
    for mut caller in [leader, other, newcomer] {
        caller.ends().expect("a user");
    }
    assert_eq!(layer.len(), 0);
}

#[test]
fn a_lone_caller_who_panics_leaves_no_slot() {
    let (layer, upstream, provider) = setup();
    let [mut one, mut newcomer] = callers(&provider);
    assert!(one.waits());
    upstream.tell(0, Script::Panic);
    assert!(one.panics());
    assert_eq!((upstream.running(), layer.len()), (0, 0));
    assert!(newcomer.waits());
    upstream.answer(1);
    newcomer.ends().expect("a user");
}

#[test]
fn what_is_forgotten_still_ends_for_those_who_wait_but_nobody_joins_it() {
    let (layer, upstream, provider) = setup();
    let [mut before, mut after, mut third] = callers(&provider);
    assert!(before.waits());
    layer.clone().forget_all();
    assert_eq!(layer.len(), 0);
    assert!(after.waits());
    upstream.answer(0);
    before.ends().expect("a user");
    assert_eq!(layer.len(), 1, "the slot of the new request is not the old one's to take");
    assert!(third.waits());
    assert_eq!(upstream.made(), 2);
}

#[test]
fn a_look_up_that_the_provider_does_not_support_passes_straight_through() {
    let (layer, upstream, provider) = setup();
    assert!(provider.supports(LookupKind::Id) && !provider.supports(LookupKind::Token));
    assert_eq!(provider.descriptor().kind, "acme");
    let lookup = Lookup::token("at-1");
    let mut all = [Caller::new(&provider, &lookup), Caller::new(&provider, &lookup)];
    assert!(all.iter_mut().all(Caller::waits));
    assert_eq!((upstream.made(), layer.len()), (2, 0));
}

#[test]
fn a_crowd_that_has_gone_leaves_no_room_behind() {
    let (layer, upstream, provider) = setup();
    for number in 0..10_000 {
        let [mut caller] = callers(&provider);
        assert!(caller.waits());
        upstream.answer(number);
        caller.ends().expect("a user");
    }
    assert!(layer.flights.capacity() <= 256, "{}", layer.flights.capacity());
    let mut crowd: Vec<_> =
        (0..10_000).map(|it| Caller::new(&provider, &Lookup::id(it.to_string()))).collect();
    assert!(crowd.iter_mut().all(Caller::waits));
    assert_eq!(layer.len(), 10_000);
    drop(crowd);
    assert_eq!(layer.len(), 0);
    assert!(layer.flights.capacity() <= 256, "{}", layer.flights.capacity());
}
