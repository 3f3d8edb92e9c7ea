//! What a call asks of a vendor.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::{Fault, Vendor};

/// What a call asks of a vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// The look-up, and any path that the vendor's API does not document.
    #[default]
    User,
    /// Key or password for a token: Quectel, Tianyin's CAS server, AnqiCMS.
    Login,
    /// Code or refresh token for a token: Alipay+.
    ApplyToken,
    /// The end of a token: Alipay+.
    CancelToken,
    /// The picture that a login must read: AnqiCMS.
    Captcha,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 5] = [Self::User, Self::Login, Self::ApplyToken, Self::CancelToken, Self::Captcha];

    /// The name in journals and scripts: `"user"`, `"login"`, `"applyToken"`, `"cancelToken"`, `"captcha"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Login => "login",
            Self::ApplyToken => "applyToken",
            Self::CancelToken => "cancelToken",
            Self::Captcha => "captcha",
        }
    }

    /// Whether the vendor has the operation.
    #[must_use]
    pub const fn exists_at(self, vendor: Vendor) -> bool {
        match self {
            Self::User => true,
            Self::Login => !matches!(vendor, Vendor::AlipayPlus),
            Self::ApplyToken | Self::CancelToken => matches!(vendor, Vendor::AlipayPlus),
            Self::Captcha => matches!(vendor, Vendor::AnqiCms),
        }
    }

    /// Whether a right call is answered with a token.
    #[must_use]
    pub const fn gives_token(self) -> bool {
        matches!(self, Self::Login | Self::ApplyToken)
    }

    /// Whether the fault can hit the operation: some change a user's record, and only the look-up tells one.
    pub(crate) const fn has(self, fault: &Fault) -> bool {
        match fault {
            Fault::ForeignUser | Fault::NoId | Fault::DuplicateKeys | Fault::UpdateToken { .. } => {
                matches!(self, Self::User)
            }
            _ => true,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.name() == text).ok_or_else(|| UnknownOperation(text.to_owned()))
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A name that is no operation's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no operation is called {0:?}; known: user, login, applyToken, cancelToken, captcha")]
pub struct UnknownOperation(String);
