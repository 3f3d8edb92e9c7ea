//! What public documents say of the wallets. **None of it is verified against a wallet.**

use serde_json::Value;

use crate::{AlipayPlusConfig, SignatureEncoding};

/// A wallet whose ways are known from public documentation, unverified.
///
/// Start from it, and set whatever this wallet tells you otherwise. The sources are in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wallet {
    /// Alipay Connect, `"alipay-connect"`. From public documentation, unverified.
    AlipayConnect,
    /// `GCash`, `"gcash"`. From public documentation, unverified.
    Gcash,
    /// TNG eWallet, `"tng"`. From public documentation, unverified.
    TngEwallet,
    /// `VodaPay`, `"vodapay"`. From public documentation, unverified.
    VodaPay,
    /// Qi, also `SuperQi`, `"superqi"`. From public documentation, unverified.
    SuperQi,
    /// M-Pesa Lesotho, `"mpesa-lesotho"`. From public documentation, unverified.
    MPesaLesotho,
    /// Claro, `"claro"`. From public documentation, unverified.
    Claro,
}

/// How a wallet differs from the vendor page.
pub(crate) struct Ways {
    pub(crate) path: &'static str,
    pub(crate) token_path: &'static str,
    /// The prefix of the base URL; `None` where nobody says.
    pub(crate) prefix: Option<&'static str>,
    pub(crate) signature_encoding: SignatureEncoding,
    pub(crate) extend_info: Option<&'static str>,
    /// Whether `auth_client_id` must be sent.
    pub(crate) wants_client: bool,
    /// How many characters `auth_client_id` may have, where that is less than elsewhere.
    pub(crate) longest_client: Option<usize>,
    /// Members of the body that must be sent besides.
    pub(crate) wants: &'static [&'static str],
}

/// As the page has it.
pub(crate) const PAGE: Ways = Ways {
    path: AlipayPlusConfig::PATH,
    token_path: AlipayPlusConfig::TOKEN_PATH,
    prefix: None,
    signature_encoding: SignatureEncoding::UrlEncoded,
    extend_info: None,
    wants_client: false,
    longest_client: None,
    wants: &[],
};

const FIRST_TOKEN_PATH: &str = "/v1/authorizations/applyToken";

impl Wallet {
    /// Every wallet that is known.
    pub const ALL: [Self; 7] = [
        Self::AlipayConnect,
        Self::Gcash,
        Self::TngEwallet,
        Self::VodaPay,
        Self::SuperQi,
        Self::MPesaLesotho,
        Self::Claro,
    ];

    /// The names in configurations, in the same order.
    pub(crate) const NAMES: [&str; 7] =
        ["alipay-connect", "gcash", "tng", "vodapay", "superqi", "mpesa-lesotho", "claro"];

    /// Returns its name in configurations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Returns the base URL of its production, with its prefix, where a public document tells it.
    #[must_use]
    pub fn base_url(self) -> Option<&'static str> {
        (self == Self::TngEwallet).then_some("https://api.tngdigital.com.my/acl/api")
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.as_str() == name)
    }

    pub(crate) fn ways(self) -> Ways {
        match self {
            Self::AlipayConnect => {
                Ways { wants_client: true, wants: &["appId", "customerBelongsTo"], ..PAGE }
            }
            Self::Gcash => {
                Ways { extend_info: Some(r#"{"customerBelongsTo":"GCASH"}"#), wants: &["appId"], ..PAGE }
            }
            Self::TngEwallet => Ways {
                path: "/v1/customers/user/inquiryUserInfoByAccessToken",
                token_path: FIRST_TOKEN_PATH,
                prefix: Some("/acl/api"),
                signature_encoding: SignatureEncoding::Base64Url,
                ..PAGE
            },
            Self::VodaPay => Ways {
                path: "/v2/customers/user/inquiryUserInfo",
                wants_client: true,
                longest_client: Some(32),
                ..PAGE
            },
            Self::SuperQi => Ways {
                path: "/v1/users/inquiryUserInfo",
                token_path: FIRST_TOKEN_PATH,
                prefix: Some(""),
                signature_encoding: SignatureEncoding::Base64,
                ..PAGE
            },
            Self::MPesaLesotho | Self::Claro => PAGE,
        }
    }
}

impl Ways {
    pub(crate) fn extend_info(&self) -> Option<Value> {
        self.extend_info.map(Value::from)
    }
}

impl AlipayPlusConfig {
    /// Takes the ways of a wallet: paths, the encoding of signatures, `extendInfo`. From public documentation,
    /// unverified.
    ///
    /// The base URL stays: [`Wallet::base_url`] tells it where a document does. What is set after this call stands.
    #[must_use]
    pub fn wallet(mut self, wallet: Wallet) -> Self {
        let ways = wallet.ways();
        ways.path.clone_into(&mut self.path);
        ways.token_path.clone_into(&mut self.token_path);
        self.signature_encoding = ways.signature_encoding;
        self.extend_info = ways.extend_info();
        self
    }
}

#[cfg(test)]
mod tests {
    use userinfo_http::BaseUrl;

    use super::*;
    use crate::uri;

    #[test]
    fn every_wallet_has_a_name_of_its_own_and_paths_that_are_sent_as_written() {
        for wallet in Wallet::ALL {
            assert_eq!(Wallet::named(wallet.as_str()), Some(wallet));
            let ways = wallet.ways();
            assert!(
                uri::is_sent_as_written(ways.path) && uri::is_sent_as_written(ways.token_path),
                "{wallet:?}"
            );
        }
        assert_eq!(Wallet::named("Tng"), None);
    }

    #[test]
    fn a_base_url_has_the_prefix_of_its_wallet() {
        for wallet in Wallet::ALL {
            let Some(text) = wallet.base_url() else { continue };
            let base: BaseUrl = text.parse().expect(text);
            assert_eq!(Some(base.prefix()), wallet.ways().prefix);
        }
    }
}
