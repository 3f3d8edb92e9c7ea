use std::sync::PoisonError;

use futures_util::FutureExt;
use proptest::prelude::*;
use tokio::{
    task::JoinHandle,
    time::{advance, sleep, timeout},
};
use userinfo_core::{ProviderExt, Retry};

use super::*;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);

/// Notes who asked when, in milliseconds since it was made.
#[derive(Clone, Debug)]
struct Noting(Instant, Arc<Mutex<Vec<(String, u64)>>>);

impl Noting {
    fn new() -> Self {
        Self(Instant::now(), Arc::default())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).expect("short")
    }

    fn noted(&self) -> Vec<(String, u64)> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn times(&self) -> Vec<u64> {
        self.noted().into_iter().map(|it| it.1).collect()
    }
}

#[async_trait]
impl UserInfoProvider for Noting {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Token
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let id = lookup.wanted_id().unwrap_or_default();
        let now = self.now();
        self.1.lock().unwrap_or_else(PoisonError::into_inner).push((id.to_owned(), now));
        Ok(User::new("acme", id))
    }
}

fn some(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("not zero")
}

/// Starts a call that waits for itself and gives up after `patience`.
async fn start(
    provider: &Arc<dyn UserInfoProvider>,
    id: &str,
    patience: u64,
) -> JoinHandle<Option<Result<User>>> {
    let (provider, lookup) = (Arc::clone(provider), Lookup::id(id));
    let patience = Duration::from_millis(patience);
    let task = tokio::spawn(async move { timeout(patience, provider.user(&lookup)).await.ok() });
    tokio::task::yield_now().await;
    task
}

/// Makes calls at these times with this patience, and returns who asked when.
async fn run(layer: &RateLimitLayer, calls: &[(u64, u64)]) -> Vec<(String, u64)> {
    let noting = Noting::new();
    let provider = noting.clone().layer(layer);
    let mut tasks = Vec::new();
    for (id, (begin, patience)) in calls.iter().enumerate() {
        sleep(Duration::from_millis(begin - noting.now())).await;
        tasks.push(start(&provider, &id.to_string(), *patience).await);
    }
    for task in tasks {
        task.await.expect("no panic");
    }
    noting.noted()
}

fn at_once(calls: usize) -> Vec<(u64, u64)> {
    vec![(0, 1_000_000); calls]
}

fn times(noted: &[(String, u64)]) -> Vec<u64> {
    noted.iter().map(|it| it.1).collect()
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_at_once_and_the_rest_at_the_rate_first_come_first_served() {
    let noted = run(&RateLimitLayer::new(some(20), some(3)), &at_once(7)).await;
    assert_eq!(times(&noted), [0, 0, 0, 50, 100, 150, 200]);
    let ids: Vec<_> = noted.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test(start_paused = true)]
async fn a_rate_below_one_a_second_spreads_its_calls_evenly() {
    let layer = RateLimitLayer::per(some(2), Duration::from_secs(60));
    assert_eq!(times(&run(&layer, &at_once(3)).await), [0, 30_000, 60_000]);
    assert_eq!(times(&run(&layer.burst(some(2)), &at_once(3)).await), [0, 0, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_time_saves_up_one_burst_and_no_more() {
    let layer = RateLimitLayer::new(some(10), some(2));
    let calls = [at_once(2), vec![(10_000, 1_000_000); 4]].concat();
    assert_eq!(times(&run(&layer, &calls).await), [0, 0, 10_000, 10_000, 10_100, 10_200]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_while_waiting_gives_the_turn_to_the_next_and_takes_no_call_away() {
    let layer = RateLimitLayer::new(some(10), some(1));
    // The second has the turn when it gives up, the third is in the line.
    let calls = [(0, 1_000), (0, 50), (0, 20), (0, 1_000), (0, 1_000)];
    let noted = run(&layer, &calls).await;
    let expected = [("0", 0), ("3", 100), ("4", 200)].map(|(id, time)| (id.to_owned(), time));
    assert_eq!(noted, expected);
    assert_eq!(layer.shared.line().waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_does_not_overtake_who_waits_even_if_that_one_is_slow_to_wake() {
    let provider = Noting::new().layer(&RateLimitLayer::new(some(10), some(1)));
    let lookup = Lookup::id("1");
    provider.user(&lookup).await.expect("a user");
    let (mut waiting, mut newcomer) = (provider.user(&lookup), provider.user(&lookup));
    assert!(waiting.as_mut().now_or_never().is_none());
    advance(Duration::from_millis(100)).await;
    assert!(newcomer.as_mut().now_or_never().is_none());
    assert!(waiting.as_mut().now_or_never().is_some());
    assert!(newcomer.as_mut().now_or_never().is_none());
    advance(Duration::from_millis(100)).await;
    assert!(newcomer.as_mut().now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn who_would_wait_too_long_is_refused_at_once_and_the_others_are_not() {
    let noting = Noting::new();
    let layer = RateLimitLayer::new(some(20), some(1)).max_wait(Duration::from_millis(100));
    let provider = noting.clone().layer(&layer);
    let mut tasks = Vec::new();
    for id in ["0", "1", "2"] {
        tasks.push(start(&provider, id, 1_000).await);
    }
    for _ in 0..3 {
        let error = provider.user(&Lookup::id("late")).await.expect_err("refused");
        assert_eq!(noting.now(), 0);
        let expected = "acme: user: not asked: the configured rate limit of 20/s leaves no room within 100ms";
        assert_eq!((error.to_string().as_str(), error.kind()), (expected, ErrorKind::RateLimited));
        assert_eq!(error.retry(), Retry::Never);
    }
    sleep(Duration::from_millis(1)).await;
    assert!(provider.user(&Lookup::id("late")).await.is_err());
    sleep(Duration::from_millis(49)).await;
    tokio::task::yield_now().await;
    tasks.push(start(&provider, "3", 1_000).await);
    for task in tasks {
        task.await.expect("no panic").expect("in time").expect("a user");
    }
    assert_eq!(noting.times(), [0, 50, 100, 150]);
}

#[tokio::test(start_paused = true)]
async fn the_first_in_line_is_refused_at_once_too_and_leaves_the_turn() {
    let noting = Noting::new();
    let layer = RateLimitLayer::per(some(3), Duration::from_secs(60)).max_wait(Duration::from_secs(10));
    let provider = noting.clone().layer(&layer);
    provider.user(&Lookup::id("0")).await.expect("a user");
    for _ in 0..2 {
        let error = provider.user(&Lookup::id("1")).await.expect_err("refused");
        assert_eq!(
            error.message(),
            "not asked: the configured rate limit of 3 per 60s leaves no room within 10s"
        );
    }
    sleep(Duration::from_secs(10)).await;
    provider.user(&Lookup::id("2")).await.expect("a user");
    assert_eq!(noting.times(), [0, 20_000]);
}

#[tokio::test(start_paused = true)]
async fn the_length_of_the_line_is_known_even_while_the_next_in_it_is_slow_to_wake() {
    let layer = RateLimitLayer::new(some(10), some(9)).max_wait(Duration::from_millis(200)).burst(some(1));
    let provider = Noting::new().layer(&layer);
    let lookup = Lookup::id("1");
    provider.user(&lookup).await.expect("a user");
    let [mut first, mut second, mut third, mut fourth] = [(); 4].map(|()| provider.user(&lookup));
    assert!(first.as_mut().now_or_never().is_none());
    assert!(second.as_mut().now_or_never().is_none());
    advance(Duration::from_millis(100)).await;
    assert!(first.as_mut().now_or_never().is_some());
    assert!(third.as_mut().now_or_never().is_none(), "after 200 ms");
    assert!(fourth.as_mut().now_or_never().expect("over").is_err(), "after 300 ms");
    assert!(second.as_mut().now_or_never().is_none());
}

#[test]
fn the_clock_goes_forward_and_back_by_what_it_is_told_and_no_time_is_negative() {
    use clock::Reference as _;

    let now = Moment(Instant::now());
    let second = Nanos::from(Duration::from_secs(1));
    assert_eq!((now + second).saturating_sub(second), now);
    assert_eq!((now + second).duration_since(now), second);
    assert_eq!(now.duration_since(now + second), Nanos::from(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn clones_and_providers_share_one_rate() {
    let layer = RateLimitLayer::new(some(10), some(1));
    let noting = Noting::new();
    let one = noting.clone().layer(&layer);
    let other = noting.clone().layer(&layer.clone().max_wait(Duration::MAX));
    for provider in [&one, &other, &one] {
        provider.user(&Lookup::id("1")).await.expect("a user");
    }
    assert_eq!(noting.times(), [0, 100, 200]);
    assert!(std::ptr::eq(one.descriptor(), &raw const ACME));
    assert!(one.supports(LookupKind::Token) && !one.supports(LookupKind::Id));
}

#[tokio::test(start_paused = true)]
async fn no_rate_and_no_burst_is_out_of_range() {
    for period in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), Duration::MAX] {
        for number in [1, u32::MAX] {
            let layer =
                RateLimitLayer::per(some(number), period).burst(some(u32::MAX)).max_wait(Duration::MAX);
            let provider = Noting::new().layer(&layer);
            provider.user(&Lookup::id("1")).await.expect("a user");
            let error = timeout(Duration::from_secs(1), provider.user(&Lookup::id("1"))).await;
            drop(error);
        }
    }
}

#[test]
fn an_interval_is_never_shorter_than_the_rate_says() {
    let layer = RateLimitLayer::new(some(3), some(1));
    assert_eq!(layer.shared.interval, Duration::from_nanos(333_333_334));
}

/// When each call begins, by the definition of a bucket of tokens, for callers who give up in time.
fn expected(interval: u64, burst: u64, calls: &[(u64, u64)]) -> Vec<(String, u64)> {
    let (mut begun, mut line) = (Vec::new(), 0);
    for (id, (begin, patience)) in calls.iter().enumerate() {
        // The bucket is full again at `full`; a token is there as soon as all but one are missing.
        let full: u64 = begun.iter().fold(0, |full: u64, (_, time)| full.max(*time) + interval);
        let time = full.saturating_sub((burst - 1) * interval).max(*begin).max(line);
        if time < begin + patience {
            line = time;
            begun.push((id.to_string(), time));
        }
    }
    begun
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_window_holds_more_than_the_burst_and_the_rate_and_nobody_waits_longer_than_need_be(
        interval in 1_u64..30,
        burst in 1_u32..5,
        calls in prop::collection::vec((0_u64..30, prop_oneof![0_u64..30, Just(10_000)]), 1..40),
    ) {
        let interval = interval * 10;
        let mut now = 0;
        // Nobody gives up in the very moment of a call.
        let calls: Vec<_> = calls.into_iter().map(|(pause, patience)| {
            now += pause * 10;
            (now, patience * 10 + 5)
        }).collect();
        let layer = RateLimitLayer::per(some(1), Duration::from_millis(interval)).burst(some(burst));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let noted = runtime.expect("a runtime").block_on(run(&layer, &calls));
        for (first, (_, from)) in noted.iter().enumerate() {
            for (last, (_, to)) in noted.iter().enumerate().skip(first) {
                let most = u64::from(burst) + (to - from) / interval;
                prop_assert!(last - first < usize::try_from(most).expect("small"), "{noted:?}");
            }
        }
        prop_assert_eq!(noted, expected(interval, burst.into(), &calls));
        prop_assert_eq!(layer.shared.line().waiting, 0);
        prop_assert_eq!(layer.shared.turn.available_permits(), 1);
    }
}
