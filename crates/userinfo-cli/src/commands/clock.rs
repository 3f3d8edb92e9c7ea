//! The clock of a vendor's web server, read from the `Date` of an answer to nobody's question.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde_json::{Map, Value};
use userinfo_core::{Error, Factory, Registry, Settings};
use userinfo_http::{BaseUrl, HttpConfig, Request, ReqwestTransport, Transport};

use crate::{config::Config, world::World};

/// Where to ask for the time.
#[derive(Debug)]
pub(crate) struct Clock {
    base: BaseUrl,
    transport: ReqwestTransport,
}

/// The clocks of the instances whose `base_url` is configured.
pub(crate) fn clocks(config: &Config, world: &World<'_>) -> BTreeMap<String, Clock> {
    let found = Arc::new(Mutex::new(None));
    let readers: Vec<_> = world.factories.iter().map(|it| reader(it, &found)).collect();
    let sources = config.sources(world.env);
    let mut clocks = BTreeMap::new();
    for (name, table) in config.instances() {
        let providers: Map<_, _> = [(name.to_owned(), table.clone())].into_iter().collect();
        let mut alone = config.table.clone();
        alone.insert("providers".to_owned(), Value::Object(providers));
        // The reader asks for two keys and leaves the rest: the faults that follow are not the file's.
        let _ = Registry::from_table(alone, &readers, &sources);
        let clock = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        clocks.extend(clock.map(|it| (name.to_owned(), it)));
    }
    clocks
}

/// A factory that builds no provider and only reads where one would call.
fn reader(factory: &Factory, found: &Arc<Mutex<Option<Clock>>>) -> Factory {
    let found = Arc::clone(found);
    let descriptor = factory.descriptor();
    let read = move |settings: &mut Settings<'_>| {
        let http = HttpConfig::from_settings(settings);
        let base = http.base_url(settings, "base_url")?;
        let transport = ReqwestTransport::new(&http).ok()?;
        *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(Clock { base, transport });
        None
    };
    Factory::new(descriptor, read, |_| Err(Error::invalid_input("clock", "a clock has no users")))
}

impl Clock {
    /// By how many seconds it is ahead of ours; `None` where it does not say.
    pub(crate) async fn skew(&self, now: fn() -> SystemTime) -> Option<i64> {
        let mut request = Request::new(bytes::Bytes::new());
        *request.method_mut() = "HEAD".parse().ok()?;
        *request.uri_mut() = self.base.to_string().parse().ok()?;
        let response = self.transport.send(request).await.ok()?;
        let theirs = httpdate::parse_http_date(response.headers().get("date")?.to_str().ok()?).ok()?;
        let seconds = |it: std::time::Duration| i64::try_from(it.as_secs()).ok();
        match theirs.duration_since(now()) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => seconds(behind.duration()).map(|it| -it),
        }
    }
}
