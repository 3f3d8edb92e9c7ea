//! The clock of a vendor's web server, read from the `Date` of an answer to nobody's question.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use serde::Serialize;
use serde_json::Value;
use userinfo_core::{one_line, parse_duration};
use userinfo_http::{HttpConfig, Request, ReqwestTransport, Transport};

/// What is known of a clock.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Skew {
    /// By how many seconds it is ahead of ours.
    #[serde(rename = "clock_skew_s")]
    Seconds(i64),
    /// Why that is not known.
    #[serde(rename = "clock_unknown")]
    Unknown(String),
}

/// Where to ask for the time, and how long to wait.
#[derive(Debug)]
pub(crate) struct Clock {
    url: String,
    timeout: Option<Duration>,
}

impl Clock {
    /// Finds the clock of an instance, whose `http` falls back on the one for all, or says why there is none.
    ///
    /// Only a straight road is taken: a proxy's password and a CA's file are the provider's to read.
    pub(crate) fn of(instance: Option<&Value>, http_for_all: Option<&Value>) -> Result<Self, &'static str> {
        let http = |key: &str| {
            let own = instance.and_then(|it| it.get("http")?.get(key));
            own.or_else(|| http_for_all?.get(key))
        };
        let url = instance.and_then(|it| it.get("base_url")?.as_str());
        let url = url.ok_or("the configuration has no base_url to ask")?.to_owned();
        if http("proxy").is_some() || http("ca_file").is_some() {
            return Err("it is not asked through a proxy or with a CA of its own");
        }
        Ok(Self { url, timeout: http("timeout").and_then(Value::as_str).and_then(parse_duration) })
    }

    /// Compares it with ours.
    pub(crate) async fn skew(&self) -> Skew {
        match self.now().await {
            Ok(theirs) => Skew::between(theirs, SystemTime::now()),
            Err(error) => Skew::Unknown(one_line(&error.to_string())),
        }
    }

    async fn now(&self) -> Result<SystemTime, Box<dyn Error + Send + Sync>> {
        let mut config = HttpConfig::default();
        config.timeout = self.timeout.unwrap_or(config.timeout);
        let mut request = Request::new(bytes::Bytes::new());
        *request.method_mut() = "HEAD".parse()?;
        *request.uri_mut() = self.url.parse()?;
        let answer = ReqwestTransport::new(&config)?.send(request).await?;
        let date = answer.headers().get("date").ok_or("the answer has no Date")?;
        Ok(httpdate::parse_http_date(date.to_str()?)?)
    }
}

impl Skew {
    fn between(theirs: SystemTime, ours: SystemTime) -> Self {
        let seconds = |it: Duration| i64::try_from(it.as_secs()).unwrap_or(i64::MAX);
        Self::Seconds(match theirs.duration_since(ours) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_clock_is_ahead_or_behind() {
        let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let later = noon + Duration::from_secs(7);
        assert_eq!(Skew::between(later, noon), Skew::Seconds(7));
        assert_eq!(Skew::between(noon, later), Skew::Seconds(-7));
    }

    #[tokio::test]
    async fn a_clock_that_cannot_be_asked_says_why() {
        let none =
            |instance: Value, for_all: Value| Clock::of(Some(&instance), Some(&for_all)).expect_err("why");
        assert!(none(json!({"region": "eu"}), json!({})).contains("no base_url"));
        let url = "http://127.0.0.1:1";
        for road in [json!({"proxy": "env"}), json!({"ca_file": "ca.pem"})] {
            assert!(none(json!({"base_url": url, "http": road}), json!({})).contains("proxy"));
            assert!(none(json!({"base_url": url}), road).contains("proxy"));
        }
        let closed = Clock::of(Some(&json!({"base_url": url})), None).expect("a clock");
        assert_eq!(closed.skew().await, Skew::Unknown("the peer cannot be reached".to_owned()));
    }

    #[test]
    fn the_own_deadline_stands_before_the_one_for_all() {
        let for_all = json!({"timeout": "9s"});
        let timeout = |instance: Value| Clock::of(Some(&instance), Some(&for_all)).expect("a clock").timeout;
        let url = "https://a.example";
        assert_eq!(timeout(json!({"base_url": url})), Some(Duration::from_secs(9)));
        let own = json!({"base_url": url, "http": {"timeout": "1s"}});
        assert_eq!(timeout(own), Some(Duration::from_secs(1)));
    }
}
