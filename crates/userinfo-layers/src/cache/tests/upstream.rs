use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Freshness, Lookup, LookupKind, Result, Secret, User, UserInfoProvider,
};

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example/docs", &LookupKind::ALL, &[]);

/// Answers as it was last told to, and numbers its answers.
///
/// The token `t-7` is that of user `7`.
#[derive(Debug)]
pub(super) struct Upstream {
    name: &'static str,
    asked: AtomicUsize,
    now: Mutex<(State, Duration)>,
    only: Mutex<Option<LookupKind>>,
    /// A task that asks holds a clone of this.
    pub(super) alive: Arc<()>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    Answers,
    IsStale(Duration),
    Fails(ErrorKind),
    Panics,
    Hangs,
}

impl Upstream {
    pub(super) fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            asked: AtomicUsize::new(0),
            now: Mutex::new((State::Answers, Duration::ZERO)),
            only: Mutex::default(),
            alive: Arc::default(),
        })
    }

    /// Sets how it answers from now on; a call that is under way answers so too.
    pub(super) fn is(&self, state: State) {
        self.now.lock().expect("not poisoned").0 = state;
    }

    pub(super) fn takes(&self, time: Duration) {
        self.now.lock().expect("not poisoned").1 = time;
    }

    pub(super) fn supports_only(&self, kind: LookupKind) {
        *self.only.lock().expect("not poisoned") = Some(kind);
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn now(&self) -> (State, Duration) {
        *self.now.lock().expect("not poisoned")
    }
}

#[async_trait]
impl UserInfoProvider for Upstream {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.only.lock().expect("not poisoned").is_none_or(|only| only == kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let _alive = Arc::clone(&self.alive);
        let number = 1 + self.asked.fetch_add(1, Ordering::Relaxed);
        let (_, time) = self.now();
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        let by_token = || lookup.given_token().map(Secret::expose).and_then(|it| it.strip_prefix("t-"));
        let id = lookup.wanted_id().or_else(by_token).unwrap_or_default();
        let mut user = User::new("acme", id);
        user.nickname = Some(format!("{}-{number}", self.name));
        match self.now().0 {
            State::Answers => Ok(user),
            State::IsStale(age) => Ok(user.with_freshness(Freshness::Stale { age })),
            State::Fails(kind) => {
                Err(Error::new(kind, "acme", "userInfo", "so it was told").with_http_status(200))
            }
            State::Panics => panic!("as it was told"),
            State::Hangs => pending().await,
        }
    }
}
