//! What the layers leave of the requests per second of a real provider over a real connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use userinfo_anqicms::{AnqiCms, AnqiCmsConfig, IdCheck};
use userinfo_core::{Lookup, Result as CoreResult, UserInfoProvider};
use userinfo_http::{HttpConfig, ReqwestTransport};
use userinfo_sandbox::{Sandbox, Server};

use crate::{
    Failure,
    effort::{Effort, median},
    stacks,
};

/// Requests per second over loopback.
pub(crate) struct Loopback {
    pub(crate) callers: usize,
    pub(crate) bare: f64,
    pub(crate) stacked: f64,
    /// The share of the bare provider's requests that is left.
    pub(crate) kept: f64,
}

impl Loopback {
    /// What must be left.
    pub(crate) const TARGET: f64 = 0.90;

    pub(crate) fn is_met(&self) -> bool {
        self.kept >= Self::TARGET
    }
}

/// Lets as many callers as told ask a simulated AnqiCMS on 127.0.0.1, in turns without and with the layers.
pub(crate) fn measure(effort: &Effort) -> Result<Loopback, Failure> {
    let sandbox = Arc::new(Sandbox::new());
    let token = sandbox.person("everything").ok_or("the person is not seeded")?.anqicms_token();
    let server = Server::bind(sandbox, "127.0.0.1:0")?.spawn()?;
    let mut config = AnqiCmsConfig::new(format!("{}/anqicms", server.url()).parse()?, token);
    // Each call asks for another id, so that neither cache nor single flight saves a request; the vendor
    // answers with the token's owner whoever is asked for.
    config.id_check = IdCheck::Off;
    let transport = ReqwestTransport::new(&HttpConfig::default())?;
    let bare: Arc<dyn UserInfoProvider> = Arc::new(AnqiCms::new(config, Arc::new(transport)));
    let stacked = stacks::around(&bare, stacks::full());

    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let next = Arc::new(AtomicU32::new(0));
    let round = |provider: &Arc<dyn UserInfoProvider>, length| {
        round(&runtime, provider, &next, effort.callers, length)
    };
    // Opens the connections.
    round(&bare, effort.round / 4)?;
    round(&stacked, effort.round / 4)?;
    let (mut without, mut with, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..effort.rounds {
        // Who goes first changes, so that a machine that slows down favours neither.
        let (one, other) = if turn % 2 == 0 {
            let one = round(&bare, effort.round)?;
            (one, round(&stacked, effort.round)?)
        } else {
            let other = round(&stacked, effort.round)?;
            (round(&bare, effort.round)?, other)
        };
        without.push(one);
        with.push(other);
        kept.push(other / one);
    }
    Ok(Loopback { callers: effort.callers, bare: median(without), stacked: median(with), kept: median(kept) })
}

/// Requests per second of one round.
fn round(
    runtime: &Runtime,
    provider: &Arc<dyn UserInfoProvider>,
    next: &Arc<AtomicU32>,
    callers: usize,
    length: Duration,
) -> Result<f64, Failure> {
    runtime.block_on(async {
        let begin = Instant::now();
        let call = || tokio::spawn(call_until(begin + length, Arc::clone(provider), Arc::clone(next)));
        let callers: Vec<_> = (0..callers).map(|_| call()).collect();
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
