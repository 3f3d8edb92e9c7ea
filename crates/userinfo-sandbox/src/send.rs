//! Answers onto the wire, and the faults below HTTP.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::{WireFault, receive::Refusal};

/// How many pieces a slow answer has.
const PIECES: usize = 8;
/// How many bytes a truncated answer promises and does not send.
const MISSING: usize = 16;

/// Sends an answer, or what a fault makes of it; `true` when the connection stays open.
pub(crate) async fn play(
    stream: &mut TcpStream,
    request: &Request<Bytes>,
    response: &Response<Bytes>,
    wire: Option<WireFault>,
    keep: bool,
) -> io::Result<bool> {
    let body = if request.method() == Method::HEAD { &[] } else { response.body().as_ref() };
    let promised = response.body().len() + if wire == Some(WireFault::Truncated) { MISSING } else { 0 };
    let head = head(response.status(), response.headers(), promised, keep);
    match wire {
        Some(WireFault::Refused) => reset(stream).await?,
        Some(WireFault::Reset) => {
            stream.write_all(&head[..head.len() / 2]).await?;
            reset(stream).await?;
        }
        Some(WireFault::Stall) => silence(stream).await?,
        Some(WireFault::StallBody) => {
            stream.write_all(&[&head, &body[..body.len() / 2]].concat()).await?;
            silence(stream).await?;
        }
        Some(WireFault::Truncated) => {
            stream.write_all(&[&head, body].concat()).await?;
            stream.shutdown().await?;
        }
        Some(WireFault::Slow { pause }) => {
            drip(stream, &[&head, body].concat(), pause).await?;
            return Ok(keep);
        }
        Some(WireFault::DropIdle) | None => {
            stream.write_all(&[&head, body].concat()).await?;
            return Ok(keep);
        }
    }
    Ok(false)
}

/// Refuses a request that no vendor gets to see, and closes.
pub(crate) async fn refuse(stream: &mut TcpStream, refusal: Refusal, date: HeaderValue) -> io::Result<()> {
    let status = StatusCode::from_u16(refusal.into()).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = HeaderMap::from_iter([(header::DATE, date)]);
    stream.write_all(&head(status, &headers, 0, false)).await?;
    stream.shutdown().await?;
    // What is still on its way is read for a while, or else the kernel resets and the answer is lost.
    let mut rest = [0; 4096];
    for _ in 0..1024 {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(())
}

fn head(status: StatusCode, headers: &HeaderMap, length: usize, keep: bool) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in headers {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if !bodiless && !headers.contains_key(header::CONTENT_LENGTH) {
        head.extend(format!("content-length: {length}\r\n").into_bytes());
    }
    let connection = if keep { "keep-alive" } else { "close" };
    head.extend(format!("connection: {connection}\r\n\r\n").into_bytes());
    head
}

/// Ends the connection with an RST.
async fn reset(stream: &mut TcpStream) -> io::Result<()> {
    // Lets the client see the bytes before the reset sweeps its buffer.
    stream.flush().await?;
    stream.set_zero_linger()
}

/// Says nothing until the client gives up.
async fn silence(stream: &mut TcpStream) -> io::Result<()> {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

async fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for piece in bytes.chunks(bytes.len().div_ceil(PIECES).max(1)) {
        sleep(pause).await;
        stream.write_all(piece).await?;
    }
    Ok(())
}
