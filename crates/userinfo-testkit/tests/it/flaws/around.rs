//! Flaws in how a provider behaves: what it shows, sends, and does with tasks.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Raw, Result, User, UserInfoProvider,
};
use userinfo_http::Request;
use userinfo_sandbox::credentials::QUECTEL_TOKEN;
use userinfo_testkit::Road;

use crate::{
    acme::FIELDS,
    layers::Shows,
    plant::{Flaw, Plant, Slip, told},
};

pub(crate) fn flaws() -> Vec<Flaw> {
    let table = errors().into_iter().chain(secrets()).chain(behaviour());
    table.map(|(says, case, plant)| Flaw { says, case, plant, road: Road::InProcess }).collect()
}

type Row = (&'static str, &'static str, Plant);

fn errors() -> Vec<Row> {
    vec![
        (
            "fails without a word",
            "an_error_is_one_line",
            Plant::Outcome(|_, it| it.map_err(|error| told(&error, error.kind(), ""))),
        ),
        (
            "signs errors with another name",
            "an_error_names_its_provider",
            Plant::Outcome(|_, it| {
                it.map_err(|it| Error::new(it.kind(), "other", it.operation(), it.message()))
            }),
        ),
        (
            "says everything twice",
            "an_error_does_not_repeat_its_source",
            Plant::Outcome(|_, it| {
                it.map_err(|error| {
                    let message = error.message().to_owned();
                    error.with_source(message)
                })
            }),
        ),
        ("quotes the body", "an_error_shows_no_personal_data", Plant::Slip(Slip::QuotesTheBody)),
        (
            "never recovers",
            "a_failure_leaves_the_provider_usable",
            Plant::Around(|inner| Arc::new(Bad { habit: Habit::NeverRecovers, ..Bad::new(inner) })),
        ),
    ]
}

fn secrets() -> Vec<Row> {
    vec![
        (
            "prints its token",
            "debug_shows_no_secret",
            Plant::Around(|inner| Arc::new(Bad { habit: Habit::PrintsItsToken, ..Bad::new(inner) })),
        ),
        (
            "puts the token into errors",
            "an_error_shows_no_secret",
            Plant::Outcome(|_, it| {
                it.map_err(|error| error.with_request_id(format!("with {QUECTEL_TOKEN}")))
            }),
        ),
        (
            "quotes the vendor's message as it came",
            "a_message_that_repeats_a_secret_is_blanked",
            Plant::Outcome(|_, it| {
                it.map_err(|error| told(&error, error.kind(), &revealed(error.message())))
            }),
        ),
        (
            "quotes pages as they came",
            "a_page_that_repeats_a_secret_is_not_quoted",
            Plant::Outcome(|_, it| {
                it.map_err(|error| match error.vendor_code() {
                    None => told(&error, error.kind(), &revealed(error.message())),
                    Some(_) => error,
                })
            }),
        ),
        (
            "quotes headers as they came",
            "a_header_that_repeats_a_secret_is_blanked",
            Plant::Outcome(|_, it| {
                it.map_err(|error| match error.request_id().map(revealed) {
                    Some(id) => error.with_request_id(id),
                    None => error,
                })
            }),
        ),
        (
            "keeps secrets in raw",
            "a_user_carries_no_secret",
            Plant::User(|user| {
                let text = revealed(&String::from_utf8_lossy(user.raw.as_bytes()));
                user.raw = Raw::new(Bytes::from(text), FIELDS);
            }),
        ),
        (
            "repeats the token that it refuses",
            "a_refused_lookup_shows_no_secret",
            Plant::Outcome(|lookup, it| {
                it.map_err(|error| match lookup.given_token() {
                    Some(token) => told(&error, error.kind(), token.expose()),
                    None => error,
                })
            }),
        ),
    ]
}

fn behaviour() -> Vec<Row> {
    let around = |says, case, wrap| (says, case, Plant::Around(wrap));
    vec![
        around("asks twice to be sure", "one_lookup_is_one_request", |inner| {
            Arc::new(Bad { habit: Habit::AsksTwice, ..Bad::new(inner) })
        }),
        around("retries by itself", "a_failed_lookup_is_one_request", |inner| {
            Arc::new(Bad { habit: Habit::Retries, ..Bad::new(inner) })
        }),
        (
            "asks for compression",
            "a_request_names_its_client_and_asks_for_no_compression",
            Plant::Request(|request| {
                let value = http::HeaderValue::from_static("gzip");
                request.headers_mut().insert("accept-encoding", value);
            }),
        ),
        (
            "asks while it is built",
            "building_a_provider_asks_nothing",
            Plant::Road(|inner| {
                let early = Arc::clone(&inner);
                let request = http::Request::get("https://sandbox.example/quectel").body(Bytes::new());
                let request: Request = request.expect("a request");
                tokio::spawn(async move { early.send(request).await });
                inner
            }),
        ),
        around("has one place for all answers", "concurrent_lookups_do_not_mix_people", |inner| {
            Arc::new(Bad { habit: Habit::OnePlace, ..Bad::new(inner) })
        }),
        around(
            "falls back on the configured token",
            "a_given_token_stands_before_the_configured_one",
            |inner| Arc::new(Bad { habit: Habit::FallsBack, ..Bad::new(inner) }),
        ),
        around("goes on when nobody waits", "dropping_the_future_cancels_the_call", |inner| {
            Arc::new(Bad { habit: Habit::GoesOn, ..Bad::new(inner) })
        }),
        around("has a name with spaces in it", "the_descriptor_is_sane", |inner| {
            Arc::new(Bad { habit: Habit::OddName, ..Bad::new(inner) })
        }),
        around("remembers whom it found", "one_lookup_is_one_request", |inner| {
            Shows::Memory(Arc::default()).wrap(inner)
        }),
        around("numbers its answers", "a_neutral_layer_changes_nothing", |inner| {
            Arc::new(Bad { habit: Habit::Numbers, ..Bad::new(inner) })
        }),
    ]
}

fn revealed(text: &str) -> String {
    text.replace("[secret]", QUECTEL_TOKEN)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    None,
    NeverRecovers,
    PrintsItsToken,
    AsksTwice,
    Retries,
    OnePlace,
    FallsBack,
    GoesOn,
    OddName,
    Numbers,
}

struct Bad {
    habit: Habit,
    inner: Arc<dyn UserInfoProvider>,
    failed: AtomicUsize,
    place: Mutex<Option<User>>,
}

static ANSWERS: AtomicUsize = AtomicUsize::new(0);

static ODD: Descriptor =
    Descriptor::new("Acme Corp", "Acme", "https://acme.example/docs", &[LookupKind::Id], FIELDS);

impl Bad {
    fn new(inner: Arc<dyn UserInfoProvider>) -> Self {
        Self { habit: Habit::None, inner, failed: AtomicUsize::new(0), place: Mutex::default() }
    }
}

impl fmt::Debug for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.habit {
            Habit::PrintsItsToken => write!(f, "Acme {{ token: {QUECTEL_TOKEN:?} }}"),
            _ => self.inner.fmt(f),
        }
    }
}

#[async_trait]
impl UserInfoProvider for Bad {
    fn descriptor(&self) -> &'static Descriptor {
        if self.habit == Habit::OddName { &ODD } else { self.inner.descriptor() }
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        if self.habit == Habit::NeverRecovers && self.failed.load(Ordering::SeqCst) > 0 {
            return Err(Error::new(ErrorKind::Unavailable, "acme", "user", "broken for good"));
        }
        let outcome = match self.habit {
            Habit::GoesOn => {
                let (inner, lookup) = (Arc::clone(&self.inner), lookup.clone());
                let task = tokio::spawn(async move { inner.user(&lookup).await });
                task.await.expect("no panic")
            }
            _ => self.inner.user(lookup).await,
        };
        self.failed.fetch_add(usize::from(outcome.is_err()), Ordering::SeqCst);
        match (self.habit, outcome) {
            (Habit::AsksTwice, Ok(_)) | (Habit::Retries, Err(_)) => self.inner.user(lookup).await,
            (Habit::FallsBack, Err(_)) => {
                self.inner.user(&Lookup::id(lookup.wanted_id().unwrap_or_default())).await
            }
            (Habit::OnePlace, Ok(user)) => {
                *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(user);
                tokio::task::yield_now().await;
                Ok(self.place.lock().unwrap_or_else(PoisonError::into_inner).clone().expect("just set"))
            }
            (Habit::Numbers, Ok(mut user)) => {
                user.extra.insert_json("answer", &ANSWERS.fetch_add(1, Ordering::SeqCst));
                Ok(user)
            }
            (_, outcome) => outcome,
        }
    }
}
