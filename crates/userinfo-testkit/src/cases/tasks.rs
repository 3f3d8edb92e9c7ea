//! Many look-ups at once, and look-ups that are given up.

use std::{future, pin::pin, sync::Arc};

use userinfo_core::UserInfoProvider;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    transports::{Overtaking, SilentOnce},
};

/// Answers that overtake each other reach the look-ups that they belong to.
pub async fn concurrent_lookups_do_not_mix_people(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(&wire.through(|inner| Overtaking::new(inner)));
    let mut running = Vec::new();
    for person in wire.sandbox().people().iter().cycle().take(30) {
        let (provider, lookup) = (Arc::clone(&provider), subject.lookup(person));
        let task = tokio::spawn(async move { provider.user(&lookup).await });
        running.push((subject.id(person), task));
    }
    for (id, task) in running {
        let outcome = task.await.expect("a look-up does not panic");
        let user = outcome.unwrap_or_else(|error| panic!("{id} is not found: {error:?}"));
        assert_eq!(user.id, id, "somebody else's answer");
    }
}

/// Dropping the future ends the call, and the provider is as good as new.
pub async fn dropping_the_future_cancels_the_call(subject: &dyn Subject, wire: &Wire) {
    let silent = SilentOnce::new(wire.transport());
    let provider = subject.provider(&wire.through(|_| Arc::clone(&silent) as _));
    let lookup = subject.lookup(ask::person(wire, EVERYTHING));
    give_up(&*provider, &lookup, &silent).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(silent.is_left(), "the call goes on although nobody waits for it");
    let next = provider.user(&lookup).await;
    next.unwrap_or_else(|error| panic!("after a cancelled call nobody is found: {error:?}"));
}

/// Waits until the request is on its way, then drops the future.
async fn give_up(provider: &dyn UserInfoProvider, lookup: &userinfo_core::Lookup, silent: &SilentOnce) {
    let (mut call, mut entered) = (pin!(provider.user(lookup)), pin!(silent.entered()));
    future::poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending(), "an answer came from nowhere");
        entered.as_mut().poll(context)
    })
    .await;
}
