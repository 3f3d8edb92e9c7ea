use std::time::Duration;

use metrics::Key;
use tokio::time::Instant;
use tracing::Level;
use userinfo_core::Error;

use crate::{
    names::ATTEMPTS,
    refusal::is_refusal,
    series::{Owner, counter},
};

const TARGET: &str = "userinfo_layers";

/// Begins the attempts at one provider.
#[derive(Debug)]
pub(super) struct Attempts {
    owner: Owner,
    provider: &'static str,
    /// Made beforehand, so that a call that goes well allocates nothing for its count.
    ok: Key,
}

/// One attempt: writes one line and counts once when it ends, whatever way it does.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    attempts: &'a Attempts,
    resends: u32,
    /// Read only if somebody reads the line.
    begun: Option<Instant>,
    ended: bool,
}

impl Attempts {
    pub(super) fn new(owner: Owner, provider: &'static str) -> Self {
        let ok = owner.series(ATTEMPTS, provider, Some(("outcome", "ok")));
        Self { owner, provider, ok }
    }

    pub(super) fn begin(&self, resends: u32) -> Attempt<'_> {
        let begun = tracing::enabled!(target: TARGET, Level::INFO).then(Instant::now);
        Attempt { attempts: self, resends, begun, ended: false }
    }
}

impl Attempts {
    fn count(&self, outcome: &'static str) {
        counter(&self.owner.series(ATTEMPTS, self.provider, Some(("outcome", outcome)))).increment(1);
    }
}

impl Attempt<'_> {
    pub(super) fn succeeded(mut self) {
        self.ended = true;
        self.line("ok", None, None);
        counter(&self.attempts.ok).increment(1);
    }

    pub(super) fn failed(mut self, error: &Error, retry_in: Option<Duration>) {
        self.ended = true;
        let outcome = if is_refusal(error) { "refused" } else { "error" };
        self.line(outcome, Some(error), retry_in);
        self.attempts.count(error.kind().as_str());
    }

    fn line(&self, outcome: &str, error: Option<&Error>, retry_in: Option<Duration>) {
        tracing::info!(
            target: TARGET,
            {
                http.request.resend_count = self.resends,
                userinfo.provider = self.attempts.provider,
                userinfo.instance = self.attempts.owner.instance(),
                outcome,
                "error.type" = error.map(|it| it.kind().as_str()),
                http.response.status_code = error.and_then(Error::http_status),
                elapsed_ms = self.begun.map(|it| millis(it.elapsed())),
                retry_in_ms = retry_in.map(millis),
            },
            "attempt"
        );
    }
}

/// An attempt whose future is dropped, such as at the deadline, ends here.
impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.line("cancelled", None, None);
            self.attempts.count("cancelled");
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
