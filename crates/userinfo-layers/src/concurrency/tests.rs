use std::{
    collections::{BTreeMap, BTreeSet},
    num::ParseIntError,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use futures_util::{FutureExt, future::BoxFuture, task::noop_waker};
use proptest::prelude::*;
use tokio::sync::oneshot;
use userinfo_core::{Error, ErrorKind, ProviderExt};

use crate::tally::Tally;

use super::*;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);

/// Begins a call and ends it when told to; ids are numbers.
#[derive(Clone, Debug, Default)]
struct Gated(Arc<Mutex<BTreeMap<u32, oneshot::Sender<()>>>>);

/// Takes a call off the list of those that run.
struct Running<'a>(&'a Gated, u32);

impl Gated {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<u32, oneshot::Sender<()>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn running(&self) -> BTreeSet<u32> {
        self.with(|it| it.keys().copied().collect())
    }

    /// Lets a call end at its next poll.
    fn open(&self, id: u32) {
        let (other, _) = oneshot::channel();
        let gate = self.with(|it| it.insert(id, other)).expect("it runs");
        gate.send(()).expect("it waits");
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.with(|it| it.remove(&self.1));
    }
}

#[async_trait]
impl UserInfoProvider for Gated {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Token
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let id = lookup.wanted_id().unwrap_or_default();
        let number = id.parse().map_err(|error: ParseIntError| {
            Error::new(ErrorKind::NotFound, "acme", "user", "no number").with_source(error)
        })?;
        let (gate, opened) = oneshot::channel();
        self.with(|it| it.insert(number, gate));
        let _running = Running(self, number);
        opened.await.expect("the gate is opened before it goes");
        Ok(User::new("acme", id))
    }
}

fn call(provider: &Arc<dyn UserInfoProvider>, id: u32) -> BoxFuture<'static, Result<User>> {
    let provider = Arc::clone(provider);
    async move { provider.user(&Lookup::id(id.to_string())).await }.boxed()
}

fn is_over(call: &mut BoxFuture<'static, Result<User>>) -> bool {
    match call.as_mut().poll(&mut Context::from_waker(&noop_waker())) {
        Poll::Pending => false,
        Poll::Ready(outcome) => outcome.is_ok(),
    }
}

/// Adds up what the gauge was told.
fn in_flight(tally: &Tally) -> usize {
    let lines = tally.lines();
    let told = |sign: &str| {
        let line = format!("userinfo_attempts_in_flight{{provider=acme}} {sign}1");
        lines.iter().filter(|it| **it == line).count()
    };
    assert_eq!(told("+") + told("-"), lines.len(), "nothing else is told");
    told("+") - told("-")
}

#[derive(Clone, Debug)]
enum Step {
    Begin,
    /// Lets a running call end, which the caller sees when it polls.
    Open(prop::sample::Index),
    Poll(prop::sample::Index),
    Drop(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<prop::sample::Index>;
    prop_oneof![
        3 => Just(Step::Begin),
        2 => which().prop_map(Step::Open),
        4 => which().prop_map(Step::Poll),
        2 => which().prop_map(Step::Drop),
    ]
}

proptest! {
    #[test]
    fn no_more_run_than_permitted_in_the_order_they_came_and_no_permit_is_lost(
        permits in 1_usize..4,
        steps in prop::collection::vec(step(), 1..100),
    ) {
        let tally = Tally::default();
        let _guard = metrics::set_default_local_recorder(&tally);
        let gated = Gated::default();
        let provider = gated.clone().layer(&ConcurrencyLayer::new(permits));
        // In the order in which they came: the first of them hold the permits.
        let mut calls = Vec::new();
        let mut opened = BTreeSet::new();
        for (id, step) in (0..).zip(steps) {
            match step {
                Step::Begin => {
                    let mut call = call(&provider, id);
                    prop_assert!(!is_over(&mut call));
                    calls.push((id, call));
                }
                Step::Open(which) => {
                    let running: Vec<_> = gated.running().difference(&opened).copied().collect();
                    if !running.is_empty() {
                        let id = *which.get(&running);
                        gated.open(id);
                        opened.insert(id);
                    }
                }
                Step::Poll(which) if !calls.is_empty() => {
                    let which = which.index(calls.len());
                    let (id, call) = &mut calls[which];
                    let over = is_over(call);
                    prop_assert_eq!(over, opened.contains(id));
                    let runs = over || gated.running().contains(id);
                    prop_assert_eq!(runs, which < permits, "place {} of {}", which, permits);
                    if over {
                        drop(calls.remove(which));
                    }
                }
                Step::Drop(which) if !calls.is_empty() => drop(calls.remove(which.index(calls.len()))),
                Step::Poll(_) | Step::Drop(_) => {}
            }
            let running = gated.running();
            prop_assert!(running.len() <= permits);
            let entitled: BTreeSet<_> = calls.iter().take(permits).map(|it| it.0).collect();
            prop_assert!(running.is_subset(&entitled), "{running:?} run before {entitled:?}");
            prop_assert_eq!(in_flight(&tally), running.len());
        }
        drop(calls);
        prop_assert!(gated.running().is_empty());
        let mut again: Vec<_> = (1000..).take(permits + 1).map(|id| call(&provider, id)).collect();
        prop_assert!(!again.iter_mut().any(is_over));
        prop_assert_eq!(gated.running().len(), permits, "every permit is there");
    }
}

#[test]
fn clones_and_providers_share_the_permits_and_none_is_read_as_one() {
    let layer = ConcurrencyLayer::new(0);
    let gated = Gated::default();
    let (one, other) = (gated.clone().layer(&layer), gated.clone().layer(&layer.clone()));
    let (mut first, mut second) = (call(&one, 1), call(&other, 2));
    assert!(!is_over(&mut first) && !is_over(&mut second));
    assert_eq!(gated.running(), BTreeSet::from([1]));
    gated.open(1);
    assert!(is_over(&mut first) && !is_over(&mut second));
    assert_eq!(gated.running(), BTreeSet::from([2]));
    assert!(std::ptr::eq(one.descriptor(), &raw const ACME));
    assert!(one.supports(LookupKind::Token) && !one.supports(LookupKind::Id));
    drop(ConcurrencyLayer::new(usize::MAX));
}
