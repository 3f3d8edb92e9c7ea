//! One call, as a vendor sees it.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};

use crate::{
    Vendor,
    alipay_body::access_token,
    directory::Directory,
    moment::Moment,
    people::Person,
    query::{Given, Query},
};

/// One call at one vendor.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) method: &'a Method,
    /// The path below the mount.
    pub(crate) path: &'a str,
    /// The path and query as received, mount included: what Alipay+ signs.
    pub(crate) target: &'a str,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) now: Moment,
    pub(crate) directory: &'a Directory,
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
    /// The vendor that a path belongs to, and the path below its mount.
    pub(crate) fn route(path: &str) -> Option<(Vendor, &str)> {
        let mounted = Vendor::ALL.into_iter().find_map(|it| {
            let rest = path.strip_prefix(it.mount())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((it, rest))
        });
        mounted.or_else(|| Vendor::ALL.into_iter().find(|it| it.paths().contains(&path)).map(|it| (it, path)))
    }

    pub(crate) fn new(request: &'a Request<Bytes>, now: Moment, directory: &'a Directory) -> Option<Self> {
        let uri = request.uri();
        let (vendor, path) = Self::route(uri.path())?;
        Some(Self {
            vendor,
            method: request.method(),
            path,
            target: uri.path_and_query().map_or("/", |it| it.as_str()),
            query: Query::parse(uri.query()),
            headers: request.headers(),
            body: request.body(),
            now,
            directory,
        })
    }

    pub(crate) fn is_known_path(&self) -> bool {
        self.vendor.paths().contains(&self.path)
    }

    pub(crate) fn header(&self, name: &str) -> Header<'a> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Header::Nothing,
            (Some(value), None) => value.to_str().map_or(Header::Unusable, Header::Once),
            (Some(_), Some(_)) => Header::Unusable,
        }
    }

    /// The id asked for; `None` at Alipay+ and where none is given.
    pub(crate) fn asked(&self) -> Option<&str> {
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

    /// The person whom the call means: the one asked for, or at Alipay+ the owner of the access token.
    pub(crate) fn person_meant(&self) -> Option<&'a Person> {
        match self.vendor {
            Vendor::Quectel => self.directory.by_quectel_id(self.asked()?),
            Vendor::AnqiCms => self.directory.by_anqicms_id(self.asked()?.parse().ok()?),
            Vendor::Tianyin => self.directory.by_tianyin_id(self.asked()?.parse().ok()?),
            Vendor::AlipayPlus => self.directory.by_alipay_token(&access_token(self.body).ok()?),
        }
    }
}
