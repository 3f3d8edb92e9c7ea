use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};

use super::*;

/// Times are in steps of 50 ms, of which a tenth of a second is two.
const STEP: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
enum Deed {
    Wait(u64),
    Ask { provider: usize, lookup: usize },
    Turn { provider: usize, state: Mood },
    Purge(&'static str),
    Clear,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Well,
    NotFound,
    Down,
    Limited,
    Revoked,
}

/// In steps; `unit` is luck in halves.
#[derive(Clone, Copy, Debug)]
struct Plan {
    ttl: u64,
    negative: u64,
    revalidate: u64,
    if_error: u64,
    hard: Option<u64>,
    half: bool,
}

#[derive(Clone, Debug)]
struct Kept {
    at: u64,
    lives: u64,
    answer: Option<String>,
}

/// What should happen, in the plainest words.
struct Model {
    plan: Plan,
    now: u64,
    moods: [Mood; 2],
    asked: [usize; 2],
    kept: BTreeMap<(usize, usize), Kept>,
}

const NAMES: [&str; 2] = ["acme", "other"];

/// Look-ups with the user that each is about.
fn lookups() -> [(Lookup, &'static str); 6] {
    [
        (Lookup::id("1"), "1"),
        (Lookup::id("2"), "2"),
        (Lookup::token("t-1"), "1"),
        (Lookup::token("t-2"), "2"),
        (Lookup::id("1").with_token("t-1"), "1"),
        (Lookup::id("1").with_token("t-2"), "1"),
    ]
}

impl Model {
    fn ask(&mut self, provider: usize, lookup: usize) -> String {
        let place = (provider, lookup);
        let kept = self.kept.get(&place).cloned();
        let kept = kept.filter(|it| self.plan.hard.is_none_or(|hard| self.now - it.at < hard));
        if let Some(Kept { at, lives, answer }) = &kept {
            let age = self.now - at;
            match answer {
                Some(answer) if age < *lives => return answer.clone(),
                None if age < *lives => return "not_found".to_owned(),
                Some(answer) if age < lives + self.plan.revalidate => {
                    self.fetch(place);
                    return self.old(answer, age);
                }
                _ => {}
            }
        }
        let fetched = self.fetch(place);
        if let (Mood::Down | Mood::Limited, Some(Kept { at, lives, answer: Some(answer) })) =
            (self.moods[provider], &kept)
            && self.now - at < lives + self.plan.if_error
        {
            return self.old(answer, self.now - at);
        }
        fetched
    }

    fn fetch(&mut self, place: (usize, usize)) -> String {
        let (provider, lookup) = place;
        self.asked[provider] += 1;
        let keep = |ttl: u64, answer| Kept {
            at: self.now,
            lives: if self.plan.half { ttl * 19 / 20 } else { ttl },
            answer,
        };
        match self.moods[provider] {
            Mood::Well => {
                let answer = format!("{} {}-{}", lookups()[lookup].1, NAMES[provider], self.asked[provider]);
                self.kept.insert(place, keep(self.plan.ttl, Some(answer.clone())));
                answer
            }
            Mood::NotFound => {
                if self.plan.negative > 0 {
                    self.kept.insert(place, keep(self.plan.negative, None));
                } else {
                    self.kept.remove(&place);
                }
                "not_found".to_owned()
            }
            Mood::Revoked => {
                self.kept.remove(&place);
                "unauthenticated".to_owned()
            }
            Mood::Down => "unavailable".to_owned(),
            Mood::Limited => "rate_limited".to_owned(),
        }
    }

    fn old(&self, answer: &str, age: u64) -> String {
        assert!(self.plan.hard.is_none_or(|hard| age < hard));
        format!("{answer} of {:?} ago", steps(age))
    }

    fn purge(&mut self, id: &str) -> usize {
        let before = self.kept.len();
        self.kept.retain(|(_, lookup), kept| {
            let (lookup, user) = &lookups()[*lookup];
            lookup.wanted_id() != Some(id) && !(kept.answer.is_some() && *user == id)
        });
        before - self.kept.len()
    }
}

fn steps(count: u64) -> Duration {
    STEP * u32::try_from(count).expect("few")
}

fn plan() -> impl Strategy<Value = Plan> {
    // Twenties, so that a twentieth is a whole number of steps.
    let window = || prop_oneof![Just(0_u64), (0..12_u64).prop_map(|it| it * 10)];
    (0..6_u64, 0..4_u64, window(), window(), proptest::option::of(0..200_u64), any::<bool>()).prop_map(
        |(ttl, negative, revalidate, if_error, hard, half)| Plan {
            ttl: ttl * 20,
            negative: negative * 20,
            revalidate,
            if_error,
            hard,
            half,
        },
    )
}

fn deed() -> impl Strategy<Value = Deed> {
    let mood = prop_oneof![
        3 => Just(Mood::Well),
        1 => Just(Mood::NotFound),
        2 => Just(Mood::Down),
        1 => Just(Mood::Limited),
        1 => Just(Mood::Revoked),
    ];
    prop_oneof![
        4 => prop_oneof![0..60_u64, (0..6_u64).prop_map(|it| it * 19), (0..6_u64).prop_map(|it| it * 10)]
            .prop_map(Deed::Wait),
        8 => (0..2_usize, 0..6_usize).prop_map(|(provider, lookup)| Deed::Ask { provider, lookup }),
        3 => (0..2_usize, mood).prop_map(|(provider, state)| Deed::Turn { provider, state }),
        1 => prop_oneof![Just("1"), Just("2"), Just("3")].prop_map(Deed::Purge),
        1 => Just(Deed::Clear),
    ]
}

async fn act(plan: Plan, deeds: Vec<Deed>) {
    let layer = CacheLayer::new()
        .ttl(steps(plan.ttl))
        .negative_ttl(steps(plan.negative))
        .stale_while_revalidate(steps(plan.revalidate))
        .stale_if_error(steps(plan.if_error))
        .random(Arc::new(Loaded(if plan.half { 0.5 } else { 0.0 })));
    let layer = plan.hard.into_iter().fold(layer, |layer, hard| layer.hard_ttl(steps(hard)));
    let upstreams = NAMES.map(Upstream::new);
    let providers = upstreams.each_ref().map(|it| wrap(&layer, it));
    let lookups = lookups();
    let mut model = Model { plan, now: 0, moods: [Mood::Well; 2], asked: [0; 2], kept: BTreeMap::new() };
    for deed in deeds {
        match deed {
            Deed::Wait(time) => {
                model.now += time;
                pass(steps(time)).await;
            }
            Deed::Ask { provider, lookup } => {
                let expected = model.ask(provider, lookup);
                let outcome = providers[provider].user(&lookups[lookup].0).await;
                settle().await;
                assert_eq!(told(&outcome), expected, "{deed:?} at {}", model.now);
            }
            Deed::Turn { provider, state } => {
                model.moods[provider] = state;
                upstreams[provider].is(match state {
                    Mood::Well => State::Answers,
                    Mood::NotFound => State::Fails(ErrorKind::NotFound),
                    Mood::Down => State::Fails(ErrorKind::Unavailable),
                    Mood::Limited => State::Fails(ErrorKind::RateLimited),
                    Mood::Revoked => State::Fails(ErrorKind::Unauthenticated),
                });
            }
            Deed::Purge(id) => assert_eq!(layer.purge(id), model.purge(id), "{deed:?}"),
            Deed::Clear => assert_eq!(layer.clear(), std::mem::take(&mut model.kept).len()),
        }
        assert_eq!(upstreams.each_ref().map(|it| it.asked()), model.asked, "{deed:?}");
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future)
}

/// Few ids and tokens, so that they meet.
fn lookup() -> impl Strategy<Value = Lookup> {
    let text = "[12]{1,2}";
    (proptest::option::of(text), proptest::option::of(text)).prop_map(|(id, token)| match (id, token) {
        (Some(id), Some(token)) => Lookup::id(id).with_token(format!("t-{token}")),
        (None, Some(token)) => Lookup::token(format!("t-{token}")),
        (id, None) => Lookup::id(id.unwrap_or_default()),
    })
}

proptest! {
    #[test]
    fn whatever_happens_the_cache_does_what_the_model_does(plan in plan(), deeds in vec(deed(), 1..60)) {
        block_on(act(plan, deeds));
    }

    #[test]
    fn no_two_look_ups_and_no_two_providers_share_an_answer(one in lookup(), other in lookup()) {
        block_on(async {
            let layer = layer();
            let upstream = Upstream::new("acme");
            let providers = [wrap(&layer, &upstream), wrap(&layer, &upstream)];
            assert_eq!(told(&providers[0].user(&one).await).split(' ').nth(1), Some("acme-1"));
            assert!(providers[0].user(&other).await.is_ok());
            assert_eq!(upstream.asked(), if one == other { 1 } else { 2 });
            let before = upstream.asked();
            assert!(providers[1].user(&one).await.is_ok());
            assert_eq!(upstream.asked(), before + 1);
        });
    }
}
