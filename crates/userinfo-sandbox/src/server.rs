//! The sandbox as a TCP server.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
    sync::{Semaphore, oneshot},
    time::{sleep, timeout},
};

use crate::{
    Sandbox, WireFault,
    receive::{Received, Receiver, Refusal},
    send,
};

/// How many connections are served at a time; more wait to be accepted.
const CONNECTIONS: usize = 512;
/// How long a kept-alive connection may be silent, or a request take to arrive.
const IDLE: Duration = Duration::from_secs(60);

/// A sandbox that listens on a TCP port: HTTP/1.1 with keep-alive, every fault below HTTP played for real.
///
/// It is meant for loopback: it speaks no TLS, and anyone who reaches it can script it.
#[derive(Debug)]
pub struct Server {
    sandbox: Arc<Sandbox>,
    listener: std::net::TcpListener,
    addr: SocketAddr,
}

impl Server {
    /// Binds; port 0 takes a free one. From here on clients can connect.
    ///
    /// # Errors
    ///
    /// The address cannot be resolved or is taken.
    pub fn bind(sandbox: Arc<Sandbox>, addr: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(addr)?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        Ok(Self { sandbox, listener, addr })
    }

    /// The address that it listens on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until the future is dropped; connections that are open by then end with the runtime.
    ///
    /// # Errors
    ///
    /// The listening socket cannot be used.
    ///
    /// # Panics
    ///
    /// If it is polled outside of a tokio runtime with I/O and time.
    pub async fn serve(self) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener)?;
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let permit = Arc::clone(&permits).acquire_owned().await.map_err(io::Error::other)?;
            let Ok((stream, _)) = listener.accept().await else {
                // Out of descriptors, or the client was gone already: neither ends the server.
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            let sandbox = Arc::clone(&self.sandbox);
            tokio::spawn(async move {
                // A connection that breaks concerns its client alone.
                let _ = converse(&sandbox, stream).await;
                drop(permit);
            });
        }
    }

    /// Serves on a thread and a runtime of its own, until the guard is dropped.
    ///
    /// # Errors
    ///
    /// No thread or runtime could be started.
    pub fn spawn(self) -> io::Result<Running> {
        let addr = self.addr;
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("userinfo-sandbox".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = self.serve() => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Running { addr, stop: Some(stop), thread: Some(thread) })
    }
}

/// A server on a thread of its own; when this is dropped it stops and closes every connection.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// The address that it listens on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://` and the address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended on its own; then nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One connection, request after request.
async fn converse(sandbox: &Sandbox, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut inbox = Receiver::default();
    let mut drop_idle = false;
    loop {
        let Ok(received) = timeout(IDLE, inbox.receive(&mut stream)).await else { return Ok(()) };
        let (request, keep) = match received? {
            Received::Request { request, keep } => (request, keep),
            Received::Refused(refusal) => return send::refuse(&mut stream, refusal, sandbox.date()).await,
            Received::Closed => return Ok(()),
        };
        if drop_idle {
            return Ok(());
        }
        let response = sandbox.handle(&request);
        let wire = response.extensions().get::<WireFault>().copied();
        drop_idle = wire == Some(WireFault::DropIdle);
        if !send::play(&mut stream, &request, &response, wire, keep).await? {
            return Ok(());
        }
    }
}

impl From<Refusal> for u16 {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::BadRequest => 400,
            Refusal::BodyTooLarge => 413,
            Refusal::HeadTooLarge => 431,
            Refusal::NotImplemented => 501,
            Refusal::VersionNotSupported => 505,
        }
    }
}
