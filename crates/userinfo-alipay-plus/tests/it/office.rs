//! A wallet that follows a script, signs whatever it answers, and remembers what it was asked.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use userinfo_alipay_plus::{AlipayPlus, AlipayPlusConfig, RsaSigner, Signer as _, UserTokens};
use userinfo_core::Result;
use userinfo_http::{Clock, Request, Response, Transport, TransportError, TransportErrorKind};
use userinfo_sandbox::credentials::{ALIPAY_CLIENT_ID, WALLET_PRIVATE_KEY_PEM};

use crate::wallet::{NOW_MILLIS, required};

pub(crate) const USER_PATH: &str = "/acl/api/v2/users/inquiryUserInfo";
pub(crate) const TOKEN_PATH: &str = "/acl/api/v2/authorizations/applyToken";
pub(crate) const CANCEL_PATH: &str = "/acl/api/v1/authorizations/cancelToken";

/// What the wallet does next.
pub(crate) enum Next {
    /// Answers, signed.
    Signed(Value),
    /// Answers with an HTTP status, signed.
    Status(u16, Value),
    /// Answers, unsigned.
    Unsigned(u16, Value),
    /// Breaks.
    Broken(TransportErrorKind),
}

pub(crate) struct Office {
    next: Mutex<VecDeque<Next>>,
    pub(crate) seen: Mutex<Vec<Request>>,
    arrived: watch::Sender<usize>,
    answered: watch::Sender<usize>,
    /// Lets answers out.
    pub(crate) gate: Semaphore,
    pub(crate) clock: Arc<Hands>,
}

/// A clock that a test sets.
#[derive(Debug)]
pub(crate) struct Hands(AtomicU64);

impl Hands {
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Shows no request: those hold what the provider may not show.
impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Office")
    }
}

impl Office {
    pub(crate) fn new(next: impl IntoIterator<Item = Next>) -> Arc<Self> {
        Arc::new(Self {
            next: Mutex::new(next.into_iter().collect()),
            seen: Mutex::default(),
            arrived: watch::Sender::new(0),
            answered: watch::Sender::new(0),
            gate: Semaphore::new(1000),
            clock: Arc::new(Hands(AtomicU64::new(NOW_MILLIS))),
        })
    }

    /// Keeps every answer back until the gate is opened.
    pub(crate) fn closed(next: impl IntoIterator<Item = Next>) -> Arc<Self> {
        let office = Self::new(next);
        office.gate.forget_permits(1000);
        office
    }

    pub(crate) fn provider(self: &Arc<Self>) -> AlipayPlus {
        self.provider_of(required())
    }

    pub(crate) fn provider_of(self: &Arc<Self>, config: AlipayPlusConfig) -> AlipayPlus {
        let transport = Arc::<Self>::clone(self);
        let provider = AlipayPlus::new(config, transport).expect("a configuration that works");
        provider.with_clock(Arc::<Hands>::clone(&self.clock))
    }

    /// The paths that were asked for.
    pub(crate) fn paths(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("no test panics with it");
        seen.iter().map(|request| request.uri().path().to_owned()).collect()
    }

    /// Waits for so many questions.
    pub(crate) async fn asked(&self, questions: usize) {
        reached(&self.arrived, questions).await;
    }

    /// Waits for so many answers.
    pub(crate) async fn answered(&self, answers: usize) {
        reached(&self.answered, answers).await;
    }

    pub(crate) fn body(&self, at: usize) -> Value {
        let seen = self.seen.lock().expect("no test panics with it");
        serde_json::from_slice(seen[at].body()).expect("JSON")
    }

    async fn signed(&self, request: &Request, status: u16, body: &Value) -> Response {
        let signer = RsaSigner::parse(WALLET_PRIVATE_KEY_PEM).expect("a key");
        let now = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).expect("after the epoch");
        let (target, time) = (request.uri().path_and_query().expect("a path"), now.as_millis());
        let content = format!("POST {target}\n{ALIPAY_CLIENT_ID}.{time}.{body}");
        let signature = STANDARD.encode(signer.sign(content.as_bytes()).await.expect("a signature"));
        http::Response::builder()
            .status(status)
            .header("client-id", ALIPAY_CLIENT_ID)
            .header("response-time", time.to_string())
            .header("signature", format!("algorithm=RSA256, keyVersion=1, signature={signature}"))
            .body(Bytes::from(body.to_string()))
            .expect("a response")
    }
}

#[async_trait]
impl Transport for Office {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.seen.lock().expect("no test panics with it").push(request.clone());
        self.arrived.send_modify(|it| *it += 1);
        let next = self.next.lock().expect("no test panics with it").pop_front();
        let next = next.expect("no more questions than answers");
        self.gate.acquire().await.expect("an open gate").forget();
        self.answered.send_modify(|it| *it += 1);
        match next {
            Next::Signed(body) => Ok(self.signed(&request, 200, &body).await),
            Next::Status(status, body) => Ok(self.signed(&request, status, &body).await),
            Next::Unsigned(status, body) => {
                let response = http::Response::builder().status(status);
                Ok(response.body(Bytes::from(body.to_string())).expect("a response"))
            }
            Next::Broken(kind) => Err(TransportError::new(kind)),
        }
    }
}

async fn reached(count: &watch::Sender<usize>, wanted: usize) {
    let mut count = count.subscribe();
    let enough = tokio::time::timeout(Duration::from_secs(60), count.wait_for(|it| *it >= wanted));
    assert_eq!(*enough.await.expect("it comes").expect("the office is open"), wanted);
}

pub(crate) fn result(code: &str, status: &str) -> Value {
    json!({"result": {"resultCode": code, "resultStatus": status, "resultMessage": "原因"}})
}

/// A refusal, signed.
pub(crate) fn refused(code: &str) -> Next {
    Next::Signed(result(code, "F"))
}

/// The tokens of one turn, signed.
pub(crate) fn issued(turn: u32) -> Next {
    Next::Signed(json!({
        "result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"},
        "accessToken": access(turn),
        "accessTokenExpiryTime": "2024-01-11T12:12:12+08:00",
        "refreshToken": refresh(turn),
        "refreshTokenExpiryTime": "3581",
        "customerId": "1000001119398804xxxx",
    }))
}

pub(crate) fn access(turn: u32) -> String {
    format!("hunter2-access-{turn}")
}

pub(crate) fn refresh(turn: u32) -> String {
    format!("hunter2-refresh-{turn}")
}

pub(crate) fn page() -> Next {
    Next::Signed(serde_json::from_str(crate::wallet::PAGE).expect("JSON"))
}

/// The tokens of one turn, as an application kept them.
pub(crate) fn tokens(turn: u32) -> UserTokens {
    let mut tokens = UserTokens::new(access(turn));
    tokens.refresh_token = Some(refresh(turn).into());
    tokens.customer_id = Some("1000001119398804xxxx".to_owned());
    tokens
}
