//! One call, as a vendor sees it.

use std::{sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use serde_json::Value;

use crate::{
    Operation, Vendor, anqicms_login,
    directory::Directory,
    issued::Issued,
    members::Members,
    moment::Moment,
    people::Person,
    query::{Given, Query},
    route::Route,
    world::{Settings, World},
};

/// One call at one vendor.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) operation: Operation,
    pub(crate) method: &'a Method,
    /// The path below the mount.
    pub(crate) path: &'a str,
    known: bool,
    /// The path and query as received, mount included: what Alipay+ signs.
    pub(crate) target: &'a str,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) now: Moment,
    pub(crate) directory: &'a Directory,
    pub(crate) issued: &'a Issued,
    pub(crate) settings: Settings,
    /// Whether AnqiCMS demands a captcha at its login.
    pub(crate) demands_captcha: bool,
}

/// What the headers say of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header<'a> {
    Nothing,
    Once(&'a str),
    /// Repeated, or no visible ASCII.
    Unusable,
}

impl<'a> Call<'a> {
    pub(crate) fn new(request: &'a Request<Bytes>, now: Moment, world: &'a World) -> Option<Self> {
        let uri = request.uri();
        let Route { vendor, operation, path, known } = Route::of(uri.path())?;
        Some(Self {
            vendor,
            operation,
            method: request.method(),
            path,
            known,
            target: uri.path_and_query().map_or("/", |it| it.as_str()),
            query: Query::parse(uri.query()),
            headers: request.headers(),
            body: request.body(),
            now,
            directory: &world.directory,
            issued: &world.issued,
            settings: world.settings,
            demands_captcha: world.captcha.load(Ordering::Relaxed),
        })
    }

    pub(crate) const fn is_known_path(&self) -> bool {
        self.known
    }

    /// How long an access token that is issued now lives.
    pub(crate) fn lifetime(&self, vendors_own: Duration) -> Duration {
        self.settings.lifetime.unwrap_or(vendors_own)
    }

    pub(crate) fn header(&self, name: &str) -> Header<'a> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Header::Nothing,
            (Some(value), None) => value.to_str().map_or(Header::Unusable, Header::Once),
            (Some(_), Some(_)) => Header::Unusable,
        }
    }

    /// Whether the body is declared as JSON, in UTF-8.
    pub(crate) fn sends_json(&self) -> bool {
        let Header::Once(text) = self.header("content-type") else { return false };
        let mut parts = text.split(';').map(str::trim);
        let json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
        json && parts.all(|it| it.replace('"', "").eq_ignore_ascii_case("charset=utf-8"))
    }

    /// The id that a look-up asks for; `None` at Alipay+ and where none is given.
    pub(crate) fn asked(&self) -> Option<&str> {
        if self.operation != Operation::User {
            return None;
        }
        let name = match self.vendor {
            Vendor::Quectel => "uid",
            Vendor::AnqiCms | Vendor::Tianyin => "userId",
            Vendor::AlipayPlus => return None,
        };
        match self.query.get(name) {
            Given::Once(value) => Some(value),
            Given::Nothing | Given::Repeated => None,
        }
    }

    /// The person whom the call means: the one asked for, or at Alipay+ whose token or code it carries.
    pub(crate) fn person_meant(&self) -> Option<&'a Person> {
        match (self.vendor, self.operation) {
            (Vendor::AlipayPlus, _) => self.alipay_owner(),
            (Vendor::Quectel, Operation::User) => self.directory.by_quectel_id(self.asked()?),
            (Vendor::AnqiCms, Operation::User) => self.directory.by_anqicms_id(self.asked()?.parse().ok()?),
            (Vendor::AnqiCms, _) => anqicms_login::named(self, &Members::parse(self.body)?),
            (Vendor::Tianyin, Operation::User) => self.directory.by_tianyin_id(self.asked()?.parse().ok()?),
            (Vendor::Quectel | Vendor::Tianyin, _) => None,
        }
    }

    fn alipay_owner(&self) -> Option<&'a Person> {
        let body = Members::parse(self.body)?;
        let name = match (self.operation, body.get("grantType").and_then(Value::as_str)) {
            (Operation::ApplyToken, Some("REFRESH_TOKEN")) => "refreshToken",
            (Operation::ApplyToken, _) => "authCode",
            _ => "accessToken",
        };
        let value = body.get(name).and_then(Value::as_str)?;
        match self.issued.owner(value) {
            Some(key) => self.directory.by_key(&key),
            None => self.directory.by_alipay_token(value),
        }
    }
}
