//! A raw server on loopback that does as it is told and notes what it is asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the server does with one request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Writes these bytes and waits for the next request.
    Say(&'static str),
    /// Writes these bytes and closes.
    SayAndClose(&'static str),
    /// Writes these bytes and nothing more, ever.
    SayAndStall(&'static str),
    /// Writes the first bytes, then the second ones again and again.
    SayForEver(&'static str, &'static str),
    /// Writes these bytes before it has read anything, and nothing more, ever.
    Blurt(&'static str),
    /// Closes before it has read the request, which resets the connection.
    Reset,
}

/// Stops when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<(usize, String)>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves one connection after the other, each by its own list of acts, then refuses all.
    pub(crate) async fn start(connections: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::default();
        let task = tokio::spawn(serve(listener, connections, Arc::clone(&seen)));
        Self { address, seen, task }
    }

    /// Every request so far, with the number of its connection.
    pub(crate) fn seen(&self) -> Vec<(usize, String)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The numbers of the connections on which requests came, in their order.
    pub(crate) fn asked_on(&self) -> Vec<usize> {
        self.seen().into_iter().map(|(connection, _)| connection).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Seen = Arc<Mutex<Vec<(usize, String)>>>;

async fn serve(listener: TcpListener, connections: Vec<Vec<Act>>, seen: Seen) {
    for (number, acts) in connections.into_iter().enumerate() {
        let Ok((mut stream, _)) = listener.accept().await else { return };
        for act in acts {
            match act {
                Act::Reset => {
                    let _ = stream.read_u8().await;
                    break;
                }
                Act::Blurt(text) => {
                    let _ = stream.write_all(text.as_bytes()).await;
                    std::future::pending::<()>().await;
                }
                _ => {}
            }
            let Some(request) = read(&mut stream).await else { break };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push((number, request));
            if !perform(act, &mut stream).await {
                break;
            }
        }
    }
}

/// Says whether the connection goes on.
async fn perform(act: Act, stream: &mut TcpStream) -> bool {
    let (Act::Say(text) | Act::SayAndClose(text) | Act::SayAndStall(text) | Act::SayForEver(text, _)) = act
    else {
        return false;
    };
    if stream.write_all(text.as_bytes()).await.is_err() {
        return false;
    }
    match act {
        Act::Say(_) => true,
        Act::SayAndStall(_) => std::future::pending().await,
        Act::SayForEver(_, again) => {
            while stream.write_all(again.as_bytes()).await.is_ok() {
                tokio::task::yield_now().await;
            }
            false
        }
        _ => false,
    }
}

/// Reads head and body of one request; `None` at the end of the connection.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        request.push(stream.read_u8().await.ok()?);
        if request.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    for _ in 0..length.unwrap_or_default() {
        request.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&request).into_owned())
}
