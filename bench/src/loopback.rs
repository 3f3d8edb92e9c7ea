//! What the layers leave of the requests per second of a real provider over a real connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use tokio::runtime::{Builder, Runtime};
use userinfo_anqicms::{AnqiCms, AnqiCmsConfig, IdCheck};
use userinfo_core::{Layer, Lookup, Result as CoreResult, UserInfoProvider};
use userinfo_http::{HttpConfig, ReqwestTransport};
use userinfo_sandbox::{Sandbox, Server};

use crate::{
    Failure,
    effort::{Effort, median},
    stacks,
};

/// Requests per second of one provider.
pub(crate) struct Rate {
    pub(crate) name: &'static str,
    pub(crate) per_second: f64,
    /// The share of the bare provider's requests that is left.
    pub(crate) kept: f64,
    /// How much must be left.
    pub(crate) target: Option<f64>,
}

impl Rate {
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.target.map(|target| self.kept >= target)
    }
}

/// Lets as many callers as told ask a simulated AnqiCMS on 127.0.0.1; bare provider and stacks take turns.
pub(crate) fn measure(effort: &Effort) -> Result<Vec<Rate>, Failure> {
    let sandbox = Arc::new(Sandbox::new());
    let token = sandbox.person("everything").ok_or("the person is not seeded")?.anqicms_token();
    let server = Server::bind(sandbox, "127.0.0.1:0")?.spawn()?;
    let mut config = AnqiCmsConfig::new(format!("{}/anqicms", server.url()).parse()?, token);
    // Each call asks for another id, so that neither cache nor single flight saves a request; the vendor
    // answers with the token's owner whoever is asked for.
    config.id_check = IdCheck::Off;
    let transport = ReqwestTransport::new(&HttpConfig::default())?;
    let bare: Arc<dyn UserInfoProvider> = Arc::new(AnqiCms::new(config, Arc::new(transport)));
    let providers = [
        ("bare provider", Arc::clone(&bare), None),
        ("full stack without the cache", stacks::uncached().wrap(Arc::clone(&bare)), Some(0.90)),
        ("full stack, each a miss", stacks::full().wrap(Arc::clone(&bare)), Some(0.90)),
    ];

    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let next = Arc::new(AtomicU32::new(0));
    let round = |provider| round(&runtime, provider, &next, effort);
    // Opens the connections.
    for (_, provider, _) in &providers {
        round(provider)?;
    }
    let mut turns = Vec::new();
    for turn in 0..effort.turns {
        let mut rates = [0.0; 3];
        // Who goes first changes, so that a machine that slows down favours nobody.
        for at in (0..providers.len()).map(|it| (it + turn) % providers.len()) {
            rates[at] = round(&providers[at].1)?;
        }
        turns.push(rates);
    }
    let rate = |(at, (name, _, target)): (usize, (_, _, _))| Rate {
        name,
        per_second: median(turns.iter().map(|it| it[at]).collect()),
        kept: median(turns.iter().map(|it| it[at] / it[0]).collect()),
        target,
    };
    Ok(providers.into_iter().enumerate().map(rate).collect())
}

/// Requests per second of one round.
fn round(
    runtime: &Runtime,
    provider: &Arc<dyn UserInfoProvider>,
    next: &Arc<AtomicU32>,
    effort: &Effort,
) -> Result<f64, Failure> {
    runtime.block_on(async {
        let begin = Instant::now();
        let call = || tokio::spawn(call_until(begin + effort.round, Arc::clone(provider), Arc::clone(next)));
        let callers: Vec<_> = (0..effort.callers).map(|_| call()).collect();
        let mut answered = 0;
        for caller in callers {
            answered += caller.await??;
        }
        Ok(f64::from(answered) / begin.elapsed().as_secs_f64())
    })
}

/// Asks one after the other; how many were answered.
async fn call_until(
    end: Instant,
    provider: Arc<dyn UserInfoProvider>,
    next: Arc<AtomicU32>,
) -> CoreResult<u32> {
    let mut answered = 0;
    while Instant::now() < end {
        let id = next.fetch_add(1, Ordering::Relaxed) + 1;
        provider.user(&Lookup::id(id.to_string())).await?;
        answered += 1;
    }
    Ok(answered)
}
