use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use userinfo_http::{BaseUrl, Clock, HttpConfig, ReqwestTransport, Transport};
use userinfo_sandbox::{Running, Sandbox, Server};

use crate::{InProcess, SandboxClock};

/// How requests get to the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// By a function call.
    InProcess,
    /// Over a socket of the loopback interface, with the transport for real use.
    Tcp,
}

/// How the cases reach one vendor: a sandbox of their own, and the road to it.
#[derive(Debug)]
pub struct Wire {
    road: Road,
    mount: &'static str,
    base_url: BaseUrl,
    transport: Arc<dyn Transport>,
    clock: SandboxClock,
    sandbox: Arc<Sandbox>,
    server: Option<Arc<Running>>,
    clients: Arc<Clients>,
}

/// The transports for real use: each is built once, for that reads the certificates of the system.
#[derive(Debug, Default)]
struct Clients {
    patient: OnceLock<Arc<dyn Transport>>,
    impatient: OnceLock<Arc<dyn Transport>>,
}

/// Long enough for any answer of a sandbox on a busy machine.
const PATIENT: Duration = Duration::from_secs(30);
/// Short enough to wait for in a test; used only where no answer comes at all.
const IMPATIENT: Duration = Duration::from_millis(500);

impl Wire {
    /// Opens a road to a new sandbox of the seeded people, for the vendor that answers below `mount`.
    ///
    /// # Panics
    ///
    /// If no loopback port is free.
    #[must_use]
    pub fn new(road: Road, mount: &'static str) -> Self {
        Self::open(road, mount, Arc::default())
    }

    fn open(road: Road, mount: &'static str, clients: Arc<Clients>) -> Self {
        let clock = SandboxClock::default();
        let sandbox = Arc::new(Sandbox::new().with_clock(clock.reader()));
        match road {
            Road::InProcess => {
                let in_process = InProcess::new(Arc::clone(&sandbox));
                let (base_url, transport) = (in_process.base_url(mount), in_process.transport());
                Self { road, mount, base_url, transport, clock, sandbox, server: None, clients }
            }
            Road::Tcp => {
                let server = Server::bind(Arc::clone(&sandbox), "127.0.0.1:0").expect("a free port");
                let server = server.spawn().expect("a thread for the server");
                let base_url = format!("{}{mount}", server.url()).parse().expect("a URL of loopback");
                let (transport, server) = (clients.patient(), Some(Arc::new(server)));
                Self { road, mount, base_url, transport, clock, sandbox, server, clients }
            }
        }
    }

    /// Returns the road.
    #[must_use]
    pub fn road(&self) -> Road {
        self.road
    }

    /// Returns the path below which the vendor answers.
    #[must_use]
    pub fn mount(&self) -> &'static str {
        self.mount
    }

    /// Returns where the vendor's API begins, mount included.
    #[must_use]
    pub fn base_url(&self) -> BaseUrl {
        self.base_url.clone()
    }

    /// Returns what carries the requests.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// Returns the sandbox's time.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    /// Returns the sandbox.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Moves the time forward, for sandbox and providers alike.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Opens the same kind of road to another new sandbox.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::open(self.road, self.mount, Arc::clone(&self.clients))
    }

    /// Returns this road with a deadline to wait for in a test.
    pub(crate) fn impatient(&self) -> Self {
        match self.road {
            Road::InProcess => self.through(|inner| inner),
            Road::Tcp => self.through(|_| self.clients.impatient()),
        }
    }

    /// Returns this road with something on it.
    pub(crate) fn through(&self, wrap: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>) -> Self {
        Self {
            road: self.road,
            mount: self.mount,
            base_url: self.base_url(),
            transport: wrap(self.transport()),
            clock: self.clock.clone(),
            sandbox: Arc::clone(&self.sandbox),
            server: self.server.clone(),
            clients: Arc::clone(&self.clients),
        }
    }

    /// Returns a road of this kind that ends at `base_url`.
    pub(crate) fn to(&self, base_url: BaseUrl) -> Self {
        Self { base_url, ..self.through(|inner| inner) }
    }
}

impl Clients {
    fn patient(&self) -> Arc<dyn Transport> {
        Arc::clone(self.patient.get_or_init(|| real(PATIENT)))
    }

    fn impatient(&self) -> Arc<dyn Transport> {
        Arc::clone(self.impatient.get_or_init(|| real(IMPATIENT)))
    }
}

fn real(timeout: Duration) -> Arc<dyn Transport> {
    let mut config = HttpConfig::default();
    config.timeout = timeout;
    Arc::new(ReqwestTransport::new(&config).expect("the default settings work"))
}
