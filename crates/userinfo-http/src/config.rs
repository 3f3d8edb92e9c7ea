#[cfg(feature = "reqwest")]
use std::sync::Arc;
use std::time::Duration;

use userinfo_core::{Secret, Settings};

#[cfg(feature = "reqwest")]
use crate::Transport;
use crate::{BaseUrl, ExtraHeaders, PlainHttp};

/// How calls go over the wire; the defaults are the ones to want.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpConfig {
    /// The deadline of one call, body included. Default: 10 s.
    pub timeout: Duration,
    /// How long a connection may take. Default: 3.1 s.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept. Default: 15 s.
    pub idle_timeout: Duration,
    /// The largest body, in bytes. Default: 1 MiB.
    pub max_body: usize,
    /// The way out. Default: straight.
    pub proxy: Proxy,
    /// Certificates in PEM to trust besides those of the system. Default: none.
    pub ca_pem: Option<String>,
    /// Whether a base URL may be plain `http` to another machine. Default: no.
    pub plain_http: PlainHttp,
}

/// The way out of the house.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// Straight to the vendor, whatever the environment says.
    #[default]
    None,
    /// As `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
    Environment,
    /// Through this proxy, whose URL may hold a password.
    Url(Secret),
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_millis(3100),
            idle_timeout: Duration::from_secs(15),
            max_body: 1 << 20,
            proxy: Proxy::None,
            ca_pem: None,
            plain_http: PlainHttp::Loopback,
        }
    }
}

impl HttpConfig {
    /// Reads the table `http` of an instance, which falls back on the one for all.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        settings.within("http", |http| {
            let default = Self::default();
            Self {
                timeout: http.duration("timeout").unwrap_or(default.timeout),
                connect_timeout: http.duration("connect_timeout").unwrap_or(default.connect_timeout),
                idle_timeout: http.duration("idle_timeout").unwrap_or(default.idle_timeout),
                max_body: http.size("max_body").unwrap_or(default.max_body),
                proxy: match http.secret("proxy") {
                    None => Proxy::None,
                    Some(it) if it.expose() == "env" => Proxy::Environment,
                    Some(url) => Proxy::Url(url),
                },
                ca_pem: http.file("ca_file"),
                plain_http: match http.boolean("allow_http") {
                    Some(true) => PlainHttp::Anywhere,
                    _ => PlainHttp::Loopback,
                },
            }
        })
    }

    /// Reads a base URL that must be there.
    pub fn base_url(&self, settings: &mut Settings<'_>, name: &'static str) -> Option<BaseUrl> {
        let text = settings.required_text(name)?;
        BaseUrl::parse(&text, self.plain_http).map_err(|error| settings.fault(name, error.to_string())).ok()
    }

    /// Builds the transport that these settings describe.
    #[cfg(feature = "reqwest")]
    pub fn transport(&self, settings: &mut Settings<'_>) -> Option<Arc<dyn Transport>> {
        match crate::ReqwestTransport::new(self) {
            Ok(transport) => Some(Arc::new(transport)),
            Err(error) => {
                settings.fault(&format!("http.{}", error.operation()), error.message());
                None
            }
        }
    }

    /// Reads the table `headers` of an instance: extra headers for every call.
    pub fn extra_headers(settings: &mut Settings<'_>) -> ExtraHeaders {
        let mut headers = ExtraHeaders::default();
        for (name, value) in settings.secrets("headers") {
            if let Err(error) = headers.add(&name, &value) {
                settings.fault(&format!("headers.{name}"), error.to_string());
            }
        }
        headers
    }
}
