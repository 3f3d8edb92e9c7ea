//! A wallet of one answer, and a merchant that asks it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use userinfo_alipay_plus::{
    AlipayPlus, AlipayPlusConfig, RsaSigner, Signer as _, Verify, WalletKey, WalletKeys,
};
use userinfo_core::{Error, Lookup, Result, User, UserInfoProvider as _};
use userinfo_http::{Clock, Request, Response, Transport, TransportError};
use userinfo_sandbox::credentials::{
    ALIPAY_CLIENT_ID, MERCHANT_PRIVATE_KEY_PEM, ROTATED_WALLET_PUBLIC_KEY_PEM, WALLET_PRIVATE_KEY_PEM,
    WALLET_PUBLIC_KEY_PEM,
};

pub(crate) const PAGE: &str = include_str!("../../fixtures/vendor-page-alipay-plus-success.json");
pub(crate) const TOKEN: &str = "281010033AB2F588D14B43238637264FCA5AAF35xxxx";
/// 2024-01-10T04:12:12.000Z
pub(crate) const NOW_MILLIS: u64 = 1_704_859_932_000;
const URI: &str = "/acl/api/v2/users/inquiryUserInfo";

/// Answers every request alike, and remembers them.
#[derive(Debug)]
pub(crate) struct Wallet {
    response: Response,
    pub(crate) seen: Mutex<Vec<Request>>,
}

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(NOW_MILLIS)
    }
}

#[async_trait]
impl Transport for Wallet {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.seen.lock().expect("no test panics with it").push(request);
        Ok(self.response.clone())
    }
}

/// An answer in the making.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn unsigned(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub(crate) async fn signed(body: &str) -> Self {
        Self::signed_at("2024-01-10T12:12:12.345+08:00", body).await
    }

    pub(crate) async fn signed_at(time: &str, body: &str) -> Self {
        Self::signed_as(WALLET_PRIVATE_KEY_PEM, "1", ALIPAY_CLIENT_ID, time, body).await
    }

    /// Signs with the content of the reference, written out here once more.
    pub(crate) async fn signed_as(key: &str, version: &str, client_id: &str, time: &str, body: &str) -> Self {
        let signer = RsaSigner::parse(key).expect("a key");
        let content = format!("POST {URI}\n{client_id}.{time}.{body}");
        let signature = signer.sign(content.as_bytes()).await.expect("a signature");
        let header = format!(
            "algorithm=RSA256, keyVersion={version}, signature={}",
            URL_SAFE_NO_PAD.encode(signature)
        );
        let headers = vec![
            ("client-id", client_id.to_owned()),
            ("response-time", time.to_owned()),
            ("signature", header),
        ];
        Self { headers, ..Self::unsigned(200, body) }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(it, _)| *it != name);
        self
    }

    pub(crate) fn get(&self, name: &str) -> String {
        self.headers.iter().find(|(it, _)| *it == name).expect("a header").1.clone()
    }

    pub(crate) fn wallet(self) -> Arc<Wallet> {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let response = response.body(Bytes::from(self.body)).expect("a response");
        Arc::new(Wallet { response, seen: Mutex::default() })
    }
}

pub(crate) fn wallet_key() -> WalletKey {
    WalletKey::parse(WALLET_PUBLIC_KEY_PEM).expect("a key")
}

pub(crate) fn rotated_key() -> WalletKey {
    WalletKey::parse(ROTATED_WALLET_PUBLIC_KEY_PEM).expect("a key")
}

pub(crate) fn config(verify: Verify) -> AlipayPlusConfig {
    let base_url = "https://wallet.example/acl/api".parse().expect("a URL");
    let signer = RsaSigner::parse(MERCHANT_PRIVATE_KEY_PEM).expect("a key");
    AlipayPlusConfig::new(base_url, ALIPAY_CLIENT_ID, signer, verify)
}

pub(crate) fn required() -> AlipayPlusConfig {
    config(Verify::Require(WalletKeys::new(wallet_key())))
}

pub(crate) fn provider(config: AlipayPlusConfig, wallet: Arc<Wallet>) -> AlipayPlus {
    AlipayPlus::new(config, wallet).expect("a configuration that works").with_clock(Arc::new(Stopped))
}

pub(crate) async fn ask(config: AlipayPlusConfig, answer: Answer) -> Result<User> {
    provider(config, answer.wallet()).user(&Lookup::token(TOKEN)).await
}

/// The failure that an answer gives under `require`.
pub(crate) async fn error(answer: Answer) -> Error {
    let body = answer.body.clone();
    ask(required(), answer).await.expect_err(&body)
}
