use userinfo_core::{Secret, Settings};
use userinfo_http::{BaseUrl, ExtraHeaders, HttpConfig, is_header_text};

use crate::token::Token;

/// What an operator gives to ask the cloud of Quectel or Acceleronix.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QuectelConfig {
    /// Where the API is; may carry a prefix.
    pub base_url: BaseUrl,
    /// The token of the enterprise, with or without `QJWT `; a look-up can bring its own.
    pub token: Option<Secret>,
    /// Headers for every call.
    pub headers: ExtraHeaders,
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
    /// Starts from what has no default.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: impl Into<Secret>) -> Self {
        Self { base_url, token: Some(token.into()), headers: ExtraHeaders::default() }
    }

    /// Starts from a data center of the vendor.
    #[must_use]
    pub fn region(region: Region, token: impl Into<Secret>) -> Self {
        Self::new(region.base_url(), token)
    }

    /// Reads the settings of an instance; every fault is reported to them.
    pub fn from_settings(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<Self> {
        let base_url = place(settings, http);
        let token = settings.secret("token");
        for name in ["access_key", "access_secret"] {
            settings.not_yet(name, "logging in with a key pair cannot be configured yet; give a `token`");
        }
        let headers = HttpConfig::extra_headers(settings);
        match &token {
            None => settings.note("token", "none is configured: every look-up must bring its own"),
            Some(token) if !is_header_text(token.expose()) => {
                settings.fault("token", "has control characters or is outside ASCII");
            }
            Some(token) => {
                if let Err(wrong) = Token::read(token) {
                    settings.fault("token", wrong);
                }
            }
        }
        Some(Self { base_url: base_url?, token, headers })
    }
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
