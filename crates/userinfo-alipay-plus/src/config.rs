use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use userinfo_http::{BaseUrl, CredentialStore, ExtraHeaders, MemoryCredentials, is_header_text};

use crate::{Separator, SignatureEncoding, Signer, TimeFormat, Verify, uri};

/// What an operator gives to ask an Alipay+ wallet.
///
/// [`AlipayPlus::new`](crate::AlipayPlus::new) checks it as a whole.
#[derive(Clone)]
#[non_exhaustive]
pub struct AlipayPlusConfig {
    /// Where the wallet's gateway is; its prefix, such as `/acl/api`, is part of what is signed.
    pub base_url: BaseUrl,
    /// The path of the call, with a query if there is one. Default: `/v2/users/inquiryUserInfo`.
    pub path: String,
    /// The path of `applyToken`; one with the segment `v1` takes the names and lengths of the first version.
    /// Default: `/v2/authorizations/applyToken`.
    pub token_path: String,
    /// The path of `cancelToken`. Default: `/v1/authorizations/cancelToken`.
    pub cancel_path: String,
    /// The `Client-Id` that the wallet gave to the merchant.
    pub client_id: String,
    /// `authClientId`, which the first version of `applyToken` calls `referenceClientId`; at most 128 characters.
    /// Default: not sent.
    pub auth_client_id: Option<String>,
    /// What signs requests.
    pub signer: Arc<dyn Signer>,
    /// The version under which the wallet knows the merchant's key. Default: 1.
    pub key_version: u64,
    /// How the request's signature is written. Default: URL-encoded base64.
    pub signature_encoding: SignatureEncoding,
    /// What stands between the items of the request's `Signature`. Default: a comma and a blank.
    pub signature_separator: Separator,
    /// How `Request-Time` is written. Default: with milliseconds and an offset.
    pub time_format: TimeFormat,
    /// What becomes of the signatures of answers.
    pub verify: Verify,
    /// How far `Response-Time` may be from the clock; `None` for however far. Default: 5 minutes.
    pub max_clock_skew: Option<Duration>,
    /// `extendInfo`, a text or an object, sent as it is; at most 4096 characters. Default: not sent.
    pub extend_info: Option<Value>,
    /// What this wallet wants in the body besides, such as `appId`.
    pub extra_body: Map<String, Value>,
    /// Where the tokens of users are kept, by those who let it keep them; in memory unless set.
    pub credentials: Arc<dyn CredentialStore>,
    /// Headers for every call, such as `Agent-Token`.
    pub headers: ExtraHeaders,
}

impl AlipayPlusConfig {
    /// The path of the vendor page.
    pub const PATH: &str = "/v2/users/inquiryUserInfo";

    /// The path of `applyToken` in the documents.
    pub const TOKEN_PATH: &str = "/v2/authorizations/applyToken";

    /// The path of `cancelToken` in the documents.
    pub const CANCEL_PATH: &str = "/v1/authorizations/cancelToken";

    /// Starts from what has no default.
    #[must_use]
    pub fn new(
        base_url: BaseUrl,
        client_id: impl Into<String>,
        signer: impl Signer + 'static,
        verify: Verify,
    ) -> Self {
        Self {
            base_url,
            path: Self::PATH.to_owned(),
            token_path: Self::TOKEN_PATH.to_owned(),
            cancel_path: Self::CANCEL_PATH.to_owned(),
            client_id: client_id.into(),
            auth_client_id: None,
            signer: Arc::new(signer),
            key_version: 1,
            signature_encoding: SignatureEncoding::default(),
            signature_separator: Separator::default(),
            time_format: TimeFormat::default(),
            verify,
            max_clock_skew: Some(Duration::from_secs(300)),
            extend_info: None,
            extra_body: Map::new(),
            credentials: Arc::new(MemoryCredentials::new()),
            headers: ExtraHeaders::default(),
        }
    }

    /// Every fault, with the key that it is in.
    pub(crate) fn faults(&self) -> Vec<(String, &'static str)> {
        Parts {
            path: &self.path,
            token_path: &self.token_path,
            cancel_path: &self.cancel_path,
            client_id: Some(&self.client_id),
            auth_client_id: self.auth_client_id.as_deref(),
            extend_info: self.extend_info.as_ref(),
            extra_body: &self.extra_body,
        }
        .faults()
    }
}

/// What must be checked of a configuration, as far as it could be read.
pub(crate) struct Parts<'a> {
    pub(crate) path: &'a str,
    pub(crate) token_path: &'a str,
    pub(crate) cancel_path: &'a str,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) auth_client_id: Option<&'a str>,
    pub(crate) extend_info: Option<&'a Value>,
    pub(crate) extra_body: &'a Map<String, Value>,
}

impl Parts<'_> {
    pub(crate) fn faults(&self) -> Vec<(String, &'static str)> {
        let keys = [
            ("path", path_fault(self.path)),
            ("token_path", path_fault(self.token_path)),
            ("cancel_path", path_fault(self.cancel_path)),
            ("client_id", self.client_id.and_then(client_id_fault)),
            ("auth_client_id", self.auth_client_id.and_then(auth_client_id_fault)),
            ("extend_info", self.extend_info.and_then(extend_info_fault)),
        ];
        let keys = keys.into_iter().filter_map(|(key, fault)| Some((key.to_owned(), fault?)));
        let body = self.extra_body.keys().filter(|name| OURS.contains(&name.as_str()));
        let body = body.map(|name| (format!("extra_body.{name}"), "is set by other keys, never by this one"));
        keys.chain(body).collect()
    }
}

/// Leaves out what the body is made of: it belongs to one wallet, and may be confidential.
impl fmt::Debug for AlipayPlusConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlipayPlusConfig")
            .field("base_url", &self.base_url)
            .field("path", &self.path)
            .field("token_path", &self.token_path)
            .field("cancel_path", &self.cancel_path)
            .field("client_id", &self.client_id)
            .field("signer", &self.signer)
            .field("key_version", &self.key_version)
            .field("verify", &self.verify)
            .field("max_clock_skew", &self.max_clock_skew)
            .finish_non_exhaustive()
    }
}

/// Members that have a source of their own.
const OURS: [&str; 7] = [
    "accessToken",
    "authClientId",
    "authCode",
    "extendInfo",
    "grantType",
    "referenceClientId",
    "refreshToken",
];

fn path_fault(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        Some("must begin with a slash")
    } else if !uri::is_sent_as_written(path) {
        Some("holds what would be rewritten on its way, so that its signature would not match")
    } else {
        None
    }
}

fn client_id_fault(id: &str) -> Option<&'static str> {
    let sendable = is_header_text(id) && id.trim() == id && !id.is_empty();
    (!sendable).then_some("must be ASCII, not empty, without control characters and without blanks around it")
}

fn auth_client_id_fault(id: &str) -> Option<&'static str> {
    let sendable = !id.is_empty() && !id.contains(char::is_control) && id.chars().count() <= 128;
    (!sendable).then_some("must have 1 to 128 characters, none of them a control character")
}

fn extend_info_fault(info: &Value) -> Option<&'static str> {
    let length = match info {
        Value::String(text) => text.chars().count(),
        Value::Object(_) => info.to_string().chars().count(),
        _ => return Some("must be a text or a table"),
    };
    (!(1..=4096).contains(&length)).then_some("must have 1 to 4096 characters")
}
