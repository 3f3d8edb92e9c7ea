//! Many callers on many threads. Nothing here waits for a clock; the bound is for a test that hangs.

use std::{
    future::Future,
    sync::atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures_util::future::poll_fn;
use tokio::{
    sync::oneshot,
    task::{JoinHandle, spawn, yield_now},
    time::timeout,
};
use userinfo_core::{Descriptor, Layer, Result, User};

use super::*;

async fn bounded<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(60), what).await.expect("it does not hang")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_callers_make_one_request() {
    const CALLERS: usize = 10_000;
    let (layer, upstream, provider) = setup();
    let seated = Arc::new(AtomicUsize::new(0));
    let call = |_| {
        let (provider, seated) = (Arc::clone(&provider), Arc::clone(&seated));
        spawn(async move {
            let (lookup, mut first) = (Lookup::id("7"), true);
            let mut user = provider.user(&lookup);
            let counted = poll_fn(|cx| {
                let poll = user.as_mut().poll(cx);
                seated.fetch_add(usize::from(std::mem::take(&mut first)), Ordering::SeqCst);
                poll
            });
            counted.await
        })
    };
    let tasks: Vec<JoinHandle<Result<User>>> = (0..CALLERS).map(call).collect();
    bounded(async {
        while seated.load(Ordering::SeqCst) < CALLERS {
            yield_now().await;
        }
    })
    .await;
    upstream.answer(0);
    for task in tasks {
        bounded(task).await.expect("no panic").expect("a user");
    }
    assert_eq!((upstream.made(), upstream.running(), layer.len()), (1, 0, 0));
}

/// Is woken by another task at each of three steps, and counts how many of its requests run at once.
#[derive(Debug, Default)]
struct Busy {
    running: AtomicUsize,
    most: AtomicUsize,
}

struct Leaving<'a>(&'a AtomicUsize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl UserInfoProvider for Busy {
    fn descriptor(&self) -> &'static Descriptor {
        static ACME: Descriptor =
            Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _leaving = Leaving(&self.running);
        self.most.fetch_max(running, Ordering::SeqCst);
        for _ in 0..3 {
            let (sender, receiver) = oneshot::channel();
            spawn(async move { sender.send(()) });
            receiver.await.expect("it is sent");
        }
        Ok(User::new("acme", "7"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_dropped_and_whenever_the_others_get_their_answer() {
    let (layer, busy) = (SingleFlightLayer::new(), Arc::new(Busy::default()));
    let provider = layer.wrap(Arc::clone(&busy) as Arc<dyn UserInfoProvider>);
    for round in 0..1_000_usize {
        let call = |_| {
            let provider = Arc::clone(&provider);
            spawn(async move { provider.user(&Lookup::id("7")).await })
        };
        let tasks: Vec<JoinHandle<Result<User>>> = (0..8).map(call).collect();
        for _ in 0..round % 5 {
            yield_now().await;
        }
        // The bits of the round say who is dropped.
        let dropped = |it: usize| (round >> it) & 1 == 1;
        tasks.iter().enumerate().filter(|(it, _)| dropped(*it)).for_each(|(_, task)| task.abort());
        for (it, task) in tasks.into_iter().enumerate() {
            match bounded(task).await {
                Ok(answer) => drop(answer.expect("a user")),
                Err(error) => assert!(error.is_cancelled() && dropped(it), "{error}"),
            }
        }
        assert_eq!((layer.len(), busy.running.load(Ordering::SeqCst)), (0, 0));
    }
    assert_eq!(busy.most.load(Ordering::SeqCst), 1);
}
