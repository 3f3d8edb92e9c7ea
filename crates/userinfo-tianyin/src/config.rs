use std::sync::Arc;

use userinfo_core::{Secret, Settings};
use userinfo_http::{
    BaseUrl, CredentialStore, ExtraHeaders, HttpConfig, MemoryCredentials, credential_store, is_header_text,
};

/// What an operator gives to ask a Tianyin platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TianyinConfig {
    /// Where the API of this deployment is; may carry a prefix.
    pub base_url: BaseUrl,
    /// The value of `X-App-Id`, which is sent whenever it is set; it is no OAuth client id.
    pub app_id: Option<String>,
    /// The token of the application; a look-up can bring its own.
    pub access_token: Option<Secret>,
    /// What a token is obtained and renewed with; it stands before a token that is given too.
    pub application: Option<Application>,
    /// Where tokens that were obtained are kept; in memory unless set.
    pub credentials: Arc<dyn CredentialStore>,
    /// Headers for every call.
    pub headers: ExtraHeaders,
}

/// An application that the platform has approved, and the CAS server that issues its tokens.
#[derive(Clone, Debug)]
pub struct Application {
    pub(crate) cas_url: BaseUrl,
    pub(crate) client_id: Secret,
    pub(crate) client_secret: Secret,
}

impl TianyinConfig {
    /// Starts from a token.
    #[must_use]
    pub fn new(base_url: BaseUrl, app_id: impl Into<String>, access_token: impl Into<Secret>) -> Self {
        Self { access_token: Some(access_token.into()), ..Self::bare(base_url, app_id) }
    }

    /// Starts from an application, in whose name tokens are obtained.
    #[must_use]
    pub fn with_application(base_url: BaseUrl, app_id: impl Into<String>, application: Application) -> Self {
        Self { application: Some(application), ..Self::bare(base_url, app_id) }
    }

    /// Reads the settings of an instance; every fault is reported to them.
    pub fn from_settings(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<Self> {
        let base_url = http.base_url(settings, "base_url");
        let app_id = settings.text("app_id");
        let access_token = settings.secret("access_token");
        let application = application(settings, http, access_token.is_some());
        let credentials = credential_store(settings);
        let headers = HttpConfig::extra_headers(settings);
        match &app_id {
            None => settings.note("app_id", "none is configured: most deployments refuse a call without it"),
            Some(app_id) if !is_header_text(app_id) => {
                settings.fault("app_id", "has control characters or is outside ASCII");
            }
            Some(_) => {}
        }
        match &access_token {
            None if application.is_none() => {
                settings.note("access_token", "none is configured: every look-up must bring its own");
            }
            Some(token) if token.expose().chars().any(char::is_control) => {
                settings.fault("access_token", "has control characters");
            }
            _ => {}
        }
        Some(Self { base_url: base_url?, app_id, access_token, application, credentials, headers })
    }

    fn bare(base_url: BaseUrl, app_id: impl Into<String>) -> Self {
        Self {
            base_url,
            app_id: Some(app_id.into()),
            access_token: None,
            application: None,
            credentials: Arc::new(MemoryCredentials::new()),
            headers: ExtraHeaders::default(),
        }
    }
}

impl Application {
    /// Joins what the platform gives out when an application is approved; `cas_url` may carry a prefix.
    #[must_use]
    pub fn new(cas_url: BaseUrl, client_id: impl Into<Secret>, client_secret: impl Into<Secret>) -> Self {
        Self { cas_url, client_id: client_id.into(), client_secret: client_secret.into() }
    }
}

/// Reads `cas_url`, `client_id` and `client_secret`: all or none, and not beside a token.
fn application(settings: &mut Settings<'_>, http: &HttpConfig, has_token: bool) -> Option<Application> {
    let names = ["cas_url", "client_id", "client_secret"];
    let given = names.map(|name| settings.has(name));
    if given == [false; 3] {
        // Asked for all the same, so that they are known.
        for name in names {
            settings.secret(name);
        }
        return None;
    }
    for (name, _) in names.into_iter().zip(given).filter(|(_, given)| !given) {
        settings.fault(name, "is missing; `cas_url`, `client_id` and `client_secret` go together");
    }
    if has_token {
        settings.fault("access_token", "stands beside `cas_url`; give one of them, not both");
    }
    let cas_url = if given[0] { http.base_url(settings, "cas_url") } else { None };
    let (client_id, client_secret) = (settings.secret("client_id"), settings.secret("client_secret"));
    Some(Application::new(cas_url?, client_id?, client_secret?))
}
