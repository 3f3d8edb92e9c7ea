//! Random schedules of hand-polled callers against a naive model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tokio::time::Instant;
use userinfo_core::{Result, User};

use super::*;

const DEADLINE: u64 = 10;

#[derive(Clone, Debug)]
enum Op {
    Start(u8),
    Poll(usize),
    Drop(usize),
    Answer(u8),
    Panic(u8),
    Advance(u64),
    Forget,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..2_u8).prop_map(Op::Start),
        6 => any::<usize>().prop_map(Op::Poll),
        2 => any::<usize>().prop_map(Op::Drop),
        2 => (0..2_u8).prop_map(Op::Answer),
        1 => (0..2_u8).prop_map(Op::Panic),
        3 => (1..6_u64).prop_map(Op::Advance),
        1 => Just(Op::Forget),
    ]
}

/// What a poll comes to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Waits,
    /// The user has the number of the request for an id.
    User(usize),
    RequestTimedOut,
    CallerTimedOut,
    Panics,
}

#[derive(Clone, Copy)]
enum End {
    Answer,
    Panic,
    Late,
}

struct Flight {
    key: u8,
    expires: u64,
    /// How the request will end when somebody polls it.
    told: Option<End>,
    end: Option<End>,
    callers: BTreeSet<usize>,
}

struct Passenger {
    key: u8,
    until: Option<u64>,
    flight: Option<usize>,
}

/// The flights have the numbers of their requests.
#[derive(Default)]
struct Model {
    flights: Vec<Flight>,
    open: BTreeMap<u8, usize>,
    callers: BTreeMap<usize, Passenger>,
}

impl Model {
    fn poll(&mut self, caller: usize, now: u64) -> Outcome {
        loop {
            let it = self.callers.get_mut(&caller).expect("a live caller");
            let until = *it.until.get_or_insert(now + DEADLINE);
            let next = self.flights.len();
            let number = *it.flight.get_or_insert_with(|| *self.open.entry(it.key).or_insert(next));
            if number == next {
                let expires = now + DEADLINE;
                let callers = BTreeSet::new();
                self.flights.push(Flight { key: it.key, expires, told: None, end: None, callers });
            }
            let flight = &mut self.flights[number];
            flight.callers.insert(caller);
            let polled = flight.end.is_none();
            if polled {
                flight.end = flight.told.or((now >= flight.expires).then_some(End::Late));
            }
            let outcome = match flight.end {
                None if now < until => return Outcome::Waits,
                Some(End::Answer) => Outcome::User(number),
                Some(End::Panic) if polled => Outcome::Panics,
                Some(_) if now < until => {
                    self.close(number);
                    self.leave(caller);
                    continue;
                }
                Some(End::Late) => Outcome::RequestTimedOut,
                None | Some(End::Panic) => Outcome::CallerTimedOut,
            };
            if flight.end.is_some() {
                self.close(number);
            }
            self.leave(caller);
            self.callers.remove(&caller);
            return outcome;
        }
    }

    fn leave(&mut self, caller: usize) {
        if let Some(number) = self.callers.get_mut(&caller).and_then(|it| it.flight.take()) {
            self.flights[number].callers.remove(&caller);
            if self.flights[number].callers.is_empty() {
                self.close(number);
            }
        }
    }

    fn close(&mut self, number: usize) {
        self.open.retain(|_, it| *it != number);
    }

    fn running(&self, key: u8) -> Vec<usize> {
        let runs = |it: &Flight| it.key == key && it.end.is_none() && !it.callers.is_empty();
        (0..self.flights.len()).filter(|it| runs(&self.flights[*it])).collect()
    }

    /// Says whether a caller who waits has something to wake up for.
    fn is_called(&self, caller: &Passenger, now: u64) -> bool {
        let flight = caller.flight.map(|it| &self.flights[it]);
        flight.is_some_and(|it| it.end.is_some() || it.told.is_some() || now >= it.expires)
            || caller.until.is_some_and(|it| now >= it)
    }
}

/// The layer and the model, side by side.
struct Bench {
    start: Instant,
    layer: SingleFlightLayer,
    upstream: Upstream,
    provider: Arc<dyn UserInfoProvider>,
    model: Model,
    callers: BTreeMap<usize, Caller>,
    started: usize,
    forgot: bool,
}

impl Bench {
    fn new() -> Self {
        let upstream = Upstream::with_deadline(DEADLINE);
        let layer = SingleFlightLayer::new().deadline(Duration::from_secs(DEADLINE));
        let provider = over(&layer, &upstream);
        let (model, callers, start) = (Model::default(), BTreeMap::new(), Instant::now());
        Self { start, layer, upstream, provider, model, callers, started: 0, forgot: false }
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_secs()
    }

    async fn apply(&mut self, op: &Op) -> Result<(), TestCaseError> {
        let chosen = |it: usize| self.callers.keys().nth(it % self.callers.len().max(1)).copied();
        match *op {
            Op::Start(key) => {
                let caller = Caller::new(&self.provider, &Lookup::id(key.to_string()));
                self.callers.insert(self.started, caller);
                let caller = Passenger { key, until: None, flight: None };
                self.model.callers.insert(self.started, caller);
                self.started += 1;
            }
            Op::Poll(it) => {
                if let Some(caller) = chosen(it) {
                    self.poll(caller)?;
                }
            }
            Op::Drop(it) => {
                if let Some(caller) = chosen(it) {
                    self.callers.remove(&caller);
                    self.model.leave(caller);
                    self.model.callers.remove(&caller);
                }
            }
            Op::Answer(key) => self.tell(key, End::Answer),
            Op::Panic(key) => self.tell(key, End::Panic),
            Op::Advance(seconds) => sleep(Duration::from_secs(seconds)).await,
            Op::Forget => {
                self.layer.forget_all();
                self.model.open.clear();
                self.forgot = true;
            }
        }
        self.check()
    }

    fn tell(&mut self, key: u8, end: End) {
        for request in self.upstream.running_for(&key.to_string()) {
            let user = User::new("acme", request.to_string());
            let script = if matches!(end, End::Panic) { Script::Panic } else { Script::Answer(Ok(user)) };
            self.upstream.tell(request, script);
            self.model.flights[request].told = Some(end);
        }
    }

    fn poll(&mut self, number: usize) -> Result<(), TestCaseError> {
        let caller = self.callers.get_mut(&number).expect("a live caller");
        let poll = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| caller.poll()));
        let outcome = match poll {
            Err(_) => Outcome::Panics,
            Ok(std::task::Poll::Pending) => Outcome::Waits,
            Ok(std::task::Poll::Ready(Ok(user))) => Outcome::User(user.id.parse().expect("a number")),
            Ok(std::task::Poll::Ready(Err(error))) if error.message().contains("deadline") => {
                Outcome::CallerTimedOut
            }
            Ok(std::task::Poll::Ready(Err(_))) => Outcome::RequestTimedOut,
        };
        if outcome != Outcome::Waits {
            self.callers.remove(&number);
        }
        prop_assert_eq!(outcome, self.model.poll(number, self.now()));
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for key in 0..2 {
            let running = self.upstream.running_for(&key.to_string());
            prop_assert!(running.len() <= 1 || self.forgot, "{:?} run at once", running);
            prop_assert_eq!(running, self.model.running(key));
        }
        prop_assert_eq!(self.layer.len(), self.model.open.len());
        for (number, it) in &self.model.callers {
            let called = self.model.is_called(it, self.now());
            prop_assert!(!called || self.callers[number].is_woken(), "caller {} sleeps on", number);
        }
        Ok(())
    }

    /// Ends everything, polling nobody who is not woken.
    async fn finish(&mut self) -> Result<(), TestCaseError> {
        for number in self.callers.keys().copied().collect::<Vec<_>>() {
            if self.model.callers[&number].flight.is_none() {
                self.poll(number)?;
            }
        }
        while !self.callers.is_empty() {
            for key in 0..2 {
                self.apply(&Op::Answer(key)).await?;
            }
            let woken = self.callers.iter().find(|(_, it)| it.is_woken()).map(|(number, _)| *number);
            prop_assert!(woken.is_some(), "all sleep");
            self.poll(woken.expect("one is woken"))?;
            self.check()?;
        }
        prop_assert_eq!((self.layer.len(), self.upstream.running()), (0, 0));
        Ok(())
    }
}

proptest! {
    #[test]
    fn whatever_happens_nobody_waits_in_vain_and_no_request_is_made_twice(
        ops in proptest::collection::vec(op(), 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let mut bench = Bench::new();
            for op in &ops {
                bench.apply(op).await?;
            }
            bench.finish().await
        })?;
    }
}
