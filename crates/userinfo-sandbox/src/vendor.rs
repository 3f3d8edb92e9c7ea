//! The four vendors, their mounts and their documented paths.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A vendor that the sandbox simulates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// The cloud of Quectel, now Acceleronix.
    Quectel,
    /// Alipay+ Mini Program `OpenAPI`.
    AlipayPlus,
    /// AnqiCMS.
    #[serde(rename = "anqicms")]
    AnqiCms,
    /// Hangzhou Tianyin education platform.
    Tianyin,
}

impl Vendor {
    /// Every vendor, in the order of the references.
    pub const ALL: [Self; 4] = [Self::Quectel, Self::AlipayPlus, Self::AnqiCms, Self::Tianyin];

    /// Names the vendor as configurations do: `"quectel"`, `"alipay-plus"`, `"anqicms"`, `"tianyin"`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Quectel => "quectel",
            Self::AlipayPlus => "alipay-plus",
            Self::AnqiCms => "anqicms",
            Self::Tianyin => "tianyin",
        }
    }

    /// The path below which the vendor answers, such as `"/quectel"`.
    #[must_use]
    pub const fn mount(self) -> &'static str {
        match self {
            Self::Quectel => "/quectel",
            Self::AlipayPlus => "/alipay-plus",
            Self::AnqiCms => "/anqicms",
            Self::Tianyin => "/tianyin",
        }
    }

    /// The path of the look-up as the vendor documents it, without a mount.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Quectel => "/v2/enduser/enterpriseapi/userInfo",
            Self::AlipayPlus => "/v2/users/inquiryUserInfo",
            Self::AnqiCms => "/api/user/detail",
            Self::Tianyin => "/user/info",
        }
    }

    /// The path below which tokens are given out: `"/tianyin-cas"` at Tianyin, else [`mount`](Self::mount).
    #[must_use]
    pub const fn token_mount(self) -> &'static str {
        match self {
            Self::Quectel | Self::AlipayPlus | Self::AnqiCms => self.mount(),
            Self::Tianyin => "/tianyin-cas",
        }
    }

    /// The path that gives out tokens, as the vendor documents it, without a mount.
    #[must_use]
    pub const fn token_path(self) -> &'static str {
        match self {
            Self::Quectel => "/v2/quecauth/accessKeyAuthrize/accessKeyLogin",
            Self::AlipayPlus => "/v2/authorizations/applyToken",
            Self::AnqiCms => "/api/login",
            Self::Tianyin => "/oauth2.0/accessToken",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.kind() == text).ok_or_else(|| UnknownVendor(text.to_owned()))
    }
}

/// A name that is no vendor's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no vendor is called {0:?}; known: quectel, alipay-plus, anqicms, tianyin")]
pub struct UnknownVendor(String);
