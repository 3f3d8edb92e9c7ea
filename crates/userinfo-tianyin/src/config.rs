use userinfo_core::{Secret, Settings};
use userinfo_http::{BaseUrl, ExtraHeaders, HttpConfig, is_header_text};

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
    /// Headers for every call.
    pub headers: ExtraHeaders,
}

impl TianyinConfig {
    /// Starts from what has no default.
    #[must_use]
    pub fn new(base_url: BaseUrl, app_id: impl Into<String>, access_token: impl Into<Secret>) -> Self {
        Self {
            base_url,
            app_id: Some(app_id.into()),
            access_token: Some(access_token.into()),
            headers: ExtraHeaders::default(),
        }
    }

    /// Reads the settings of an instance; every fault is reported to them.
    pub fn from_settings(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<Self> {
        let base_url = http.base_url(settings, "base_url");
        let app_id = settings.text("app_id");
        let access_token = settings.secret("access_token");
        for name in ["cas_url", "client_id", "client_secret"] {
            settings.not_yet(name, "fetching a token cannot be configured yet; give an `access_token`");
        }
        let headers = HttpConfig::extra_headers(settings);
        match &app_id {
            None => settings.note("app_id", "none is configured: most deployments refuse a call without it"),
            Some(app_id) if !is_header_text(app_id) => {
                settings.fault("app_id", "has control characters or is outside ASCII");
            }
            Some(_) => {}
        }
        match &access_token {
            None => settings.note("access_token", "none is configured: every look-up must bring its own"),
            Some(token) if token.expose().chars().any(char::is_control) => {
                settings.fault("access_token", "has control characters");
            }
            Some(_) => {}
        }
        Some(Self { base_url: base_url?, app_id, access_token, headers })
    }
}
