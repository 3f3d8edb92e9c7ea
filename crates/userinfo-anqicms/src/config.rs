use std::sync::Arc;

use userinfo_core::{Secret, Settings};
use userinfo_http::{
    BaseUrl, CredentialStore, ExtraHeaders, HttpConfig, MemoryCredentials, credential_store, is_header_text,
};

use crate::account::Login;

/// What an operator gives to ask an AnqiCMS site.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AnqiCmsConfig {
    /// Where the site is; may carry a sub-path.
    pub base_url: BaseUrl,
    /// The token of a user of the site; a look-up can bring its own.
    pub token: Option<Secret>,
    /// What a token is obtained and renewed with; it stands before a token that is given too.
    pub login: Option<Login>,
    /// Where tokens that the site issues are kept; in memory unless set.
    pub credentials: Arc<dyn CredentialStore>,
    /// Whether the user that comes back must be the one that was asked for.
    pub id_check: IdCheck,
    /// Picks the site of a multi-site install.
    pub site_id: Option<u32>,
    /// Headers for every call.
    pub headers: ExtraHeaders,
}

/// Whether `data.id` must be the id that was asked for.
///
/// The server takes the user from the token and never reads `userId`, so that asking for anyone returns the
/// token's owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdCheck {
    /// A different id is an [`IdMismatch`](userinfo_core::ErrorKind::IdMismatch).
    #[default]
    Strict,
    /// Whoever comes back is returned, with the true id.
    Off,
}

impl AnqiCmsConfig {
    /// Starts from a token.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: impl Into<Secret>) -> Self {
        Self { token: Some(token.into()), ..Self::bare(base_url) }
    }

    /// Starts from a name and a password, which tokens are obtained with.
    #[must_use]
    pub fn with_login(base_url: BaseUrl, login: Login) -> Self {
        Self { login: Some(login), ..Self::bare(base_url) }
    }

    /// Reads the settings of an instance; every fault is reported to them.
    pub fn from_settings(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<Self> {
        let base_url = http.base_url(settings, "base_url");
        let token = settings.secret("token");
        let login = Login::from_settings(settings, token.is_some());
        let credentials = credential_store(settings);
        let id_check = match settings.one_of("id_check", &["strict", "off"]) {
            Some("off") => IdCheck::Off,
            _ => IdCheck::Strict,
        };
        let site_id = settings.integer("site_id").map(u32::try_from);
        let headers = HttpConfig::extra_headers(settings);
        if token.as_ref().is_some_and(|token| !is_header_text(token.expose())) {
            settings.fault("token", "has control characters or is outside ASCII");
        }
        if site_id.is_some_and(|id| !matches!(id, Ok(1..))) {
            settings.fault("site_id", "must be a whole number, 1 or more");
        }
        if token.is_none() && login.is_none() {
            settings.note("token", "none is configured: every look-up must bring its own");
        }
        let site_id = site_id.and_then(Result::ok);
        Some(Self { base_url: base_url?, token, login, credentials, id_check, site_id, headers })
    }

    fn bare(base_url: BaseUrl) -> Self {
        Self {
            base_url,
            token: None,
            login: None,
            credentials: Arc::new(MemoryCredentials::new()),
            id_check: IdCheck::Strict,
            site_id: None,
            headers: ExtraHeaders::default(),
        }
    }
}
