use std::sync::Arc;

use userinfo_core::{Secret, Settings};
use userinfo_http::{
    BaseUrl, CredentialStore, ExtraHeaders, HttpConfig, MemoryCredentials, credential_store, is_header_text,
};

use crate::token::Token;

/// What an operator gives to ask the cloud of Quectel or Acceleronix.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QuectelConfig {
    /// Where the API is; may carry a prefix.
    pub base_url: BaseUrl,
    /// The token of the enterprise, with or without `QJWT `; a look-up can bring its own.
    pub token: Option<Secret>,
    /// What a token is obtained and renewed with; it stands before a token that is given too.
    pub access_key: Option<AccessKey>,
    /// Where tokens that were obtained are kept; in memory unless set.
    pub credentials: Arc<dyn CredentialStore>,
    /// Headers for every call.
    pub headers: ExtraHeaders,
}

/// A key pair of the enterprise, which the vendor's console shows as `AccessKey` and `AccessSecret`.
#[derive(Clone, Debug)]
pub struct AccessKey {
    pub(crate) key: Secret,
    pub(crate) secret: Secret,
}

/// A data center of the vendor. Keys, accounts and data are separate in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// China: `iot-api.quectelcn.com`.
    China,
    /// Europe: `iot-api.acceleronix.io`.
    Europe,
    /// North America: `iot-api.landecia.com`, which no page of the vendor names.
    NorthAmerica,
}

impl QuectelConfig {
    /// Starts from a token.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: impl Into<Secret>) -> Self {
        Self { token: Some(token.into()), ..Self::bare(base_url) }
    }

    /// Starts from a key pair, which tokens are obtained with.
    #[must_use]
    pub fn with_access_key(base_url: BaseUrl, access_key: AccessKey) -> Self {
        Self { access_key: Some(access_key), ..Self::bare(base_url) }
    }

    /// Starts from a data center of the vendor and a token.
    #[must_use]
    pub fn region(region: Region, token: impl Into<Secret>) -> Self {
        Self::new(region.base_url(), token)
    }

    /// Reads the settings of an instance; every fault is reported to them.
    pub fn from_settings(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<Self> {
        let base_url = place(settings, http);
        let token = settings.secret("token");
        let access_key = key_pair(settings, token.is_some());
        let credentials = credential_store(settings);
        let headers = HttpConfig::extra_headers(settings);
        match &token {
            None if access_key.is_none() => {
                settings.note("token", "none is configured: every look-up must bring its own");
            }
            None => {}
            Some(token) if !is_header_text(token.expose()) => {
                settings.fault("token", "has control characters or is outside ASCII");
            }
            Some(token) => {
                if let Err(wrong) = Token::read(token) {
                    settings.fault("token", wrong);
                }
            }
        }
        Some(Self { base_url: base_url?, token, access_key, credentials, headers })
    }

    fn bare(base_url: BaseUrl) -> Self {
        let credentials = Arc::new(MemoryCredentials::new());
        Self { base_url, token: None, access_key: None, credentials, headers: ExtraHeaders::default() }
    }
}

impl AccessKey {
    /// Joins `AccessKey` and `AccessSecret`.
    ///
    /// # Errors
    ///
    /// Says which of the two is empty, or that the key has a character that no key has.
    pub fn new(key: impl Into<Secret>, secret: impl Into<Secret>) -> Result<Self, &'static str> {
        let (key, secret) = (key.into(), secret.into());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if key.expose().is_empty() || !key.expose().bytes().all(is_plain) {
            Err("the access key must be letters and digits")
        } else if secret.expose().is_empty() {
            Err("the access secret is empty")
        } else {
            Ok(Self { key, secret })
        }
    }
}

/// Reads `access_key` and `access_secret`: both or neither, and not beside a token.
fn key_pair(settings: &mut Settings<'_>, has_token: bool) -> Option<AccessKey> {
    let given = ["access_key", "access_secret"].map(|name| settings.has(name));
    let (key, secret) = (settings.secret("access_key"), settings.secret("access_secret"));
    match given {
        [true, false] => settings.fault("access_secret", "is missing; an `access_key` needs it"),
        [false, true] => settings.fault("access_key", "is missing; an `access_secret` needs it"),
        [true, true] if has_token => {
            settings.fault("token", "stands beside `access_key`; give one of them, not both");
        }
        _ => {}
    }
    AccessKey::new(key?, secret?).map_err(|wrong| settings.fault("access_key", wrong)).ok()
}

impl Region {
    /// Returns where the API of this data center is.
    ///
    /// # Panics
    ///
    /// Never: each of the addresses is a base URL, as a test holds.
    #[must_use]
    pub fn base_url(self) -> BaseUrl {
        self.address().parse().expect("the address of a region is a base URL")
    }

    const fn address(self) -> &'static str {
        match self {
            Self::China => "https://iot-api.quectelcn.com",
            Self::Europe => "https://iot-api.acceleronix.io",
            Self::NorthAmerica => "https://iot-api.landecia.com",
        }
    }
}

/// Reads `region` or `base_url`: exactly one of them.
fn place(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<BaseUrl> {
    let given = (settings.has("region"), settings.has("base_url"));
    let region = settings.one_of("region", &["cn", "eu", "na"]);
    let base_url = settings.text("base_url");
    match given {
        (true, true) => settings.fault("base_url", "stands beside `region`; give one of them, not both"),
        (false, false) => {
            settings.fault("region", "is missing; give `region` (`cn`, `eu` or `na`) or a `base_url`");
        }
        _ => {}
    }
    let base_url = base_url.and_then(|text| {
        BaseUrl::parse(&text, http.plain_http)
            .map_err(|error| settings.fault("base_url", error.to_string()))
            .ok()
    });
    if region == Some("na") {
        settings.note("region", "no page of the vendor names the host for North America");
    }
    match region {
        Some("cn") => Some(Region::China.base_url()),
        Some("eu") => Some(Region::Europe.base_url()),
        Some(_) => Some(Region::NorthAmerica.base_url()),
        None => base_url,
    }
}
