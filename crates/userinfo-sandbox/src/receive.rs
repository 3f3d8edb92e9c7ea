//! Requests off the wire: HTTP/1.1, strict, and bounded in every direction.

use std::io;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::chunked;

/// How long a request's head may be.
const HEAD: usize = 64 << 10;
/// How long a request's body may be.
pub(crate) const BODY: usize = 1 << 20;
/// How many headers a request may have.
const HEADERS: usize = 128;

/// What came off the wire.
#[derive(Debug)]
pub(crate) enum Received {
    Request { request: Box<Request<Bytes>>, keep: bool },
    Refused(Refusal),
    Closed,
}

/// Why a request is refused before any vendor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    BadRequest,
    BodyTooLarge,
    HeadTooLarge,
    NotImplemented,
    VersionNotSupported,
}

/// The bytes of a connection that were read and not yet used.
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    buffer: Vec<u8>,
}

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

impl Receiver {
    pub(crate) async fn receive(&mut self, stream: &mut TcpStream) -> io::Result<Received> {
        loop {
            match parse(&self.buffer) {
                Err(refusal) => return Ok(Received::Refused(refusal)),
                Ok(Some((request, used, keep))) => {
                    self.buffer.drain(..used);
                    return Ok(Received::Request { request: Box::new(request), keep });
                }
                Ok(None) => {}
            }
            self.buffer.reserve(8 << 10);
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(Received::Closed);
            }
        }
    }
}

type Parsed = Option<(Request<Bytes>, usize, bool)>;

/// One request at the front of the buffer, how many bytes it took, and whether the connection stays open.
fn parse(buffer: &[u8]) -> Result<Parsed, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let used = match head.parse(buffer) {
        Ok(httparse::Status::Complete(used)) if used <= HEAD => used,
        Ok(httparse::Status::Partial) if buffer.len() <= HEAD => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(Refusal::HeadTooLarge),
        Err(httparse::Error::Version) => return Err(Refusal::VersionNotSupported),
        Err(_) => return Err(Refusal::BadRequest),
    };
    let request = request(&head)?;
    let body = &buffer[used..];
    let (body, taken) = match length(&request)? {
        Length::Known(length) if length > BODY => return Err(Refusal::BodyTooLarge),
        Length::Known(length) if body.len() < length => return Ok(None),
        Length::Known(length) => (body[..length].to_vec(), length),
        Length::Chunked => match chunked::decode(body)? {
            Some(decoded) => decoded,
            None => return Ok(None),
        },
    };
    let keep = stays_open(&request, head.version == Some(1));
    Ok(Some((request.map(|()| Bytes::from(body)), used + taken, keep)))
}

fn request(head: &httparse::Request<'_, '_>) -> Result<Request<()>, Refusal> {
    let (Some(method), Some(path)) = (head.method, head.path) else { return Err(Refusal::BadRequest) };
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).or(Err(Refusal::BadRequest))?;
    *request.uri_mut() = path.parse::<Uri>().or(Err(Refusal::BadRequest))?;
    for it in head.headers.iter() {
        let name = HeaderName::from_bytes(it.name.as_bytes()).or(Err(Refusal::BadRequest))?;
        let value = HeaderValue::from_bytes(it.value).or(Err(Refusal::BadRequest))?;
        request.headers_mut().append(name, value);
    }
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && head.version == Some(1)) {
        return Err(Refusal::BadRequest);
    }
    Ok(request)
}

/// The length of the body; two lengths, or two kinds of them, are refused, for they smuggle requests.
fn length(request: &Request<()>) -> Result<Length, Refusal> {
    let mut lengths = request.headers().get_all(header::CONTENT_LENGTH).iter();
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    match (lengths.next(), lengths.next(), codings.next(), codings.next()) {
        (None, None, None, None) => Ok(Length::Known(0)),
        (Some(length), None, None, None) => {
            let digits = length.to_str().ok().filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
            digits.and_then(|it| it.parse().ok()).map(Length::Known).ok_or(Refusal::BadRequest)
        }
        (None, None, Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => {
            Ok(Length::Chunked)
        }
        (None, None, Some(_), _) => Err(Refusal::NotImplemented),
        _ => Err(Refusal::BadRequest),
    }
}

fn stays_open(request: &Request<()>, is_1_1: bool) -> bool {
    let says = |word: &str| {
        let values = request.headers().get_all(header::CONNECTION).iter();
        values
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .any(|it| it.trim().eq_ignore_ascii_case(word))
    };
    if is_1_1 { !says("close") } else { says("keep-alive") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &str) -> Refusal {
        parse(bytes.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_request_arrives_in_any_pieces() {
        let bytes = b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET";
        for end in 0..bytes.len() - 3 {
            assert!(parse(&bytes[..end]).unwrap().is_none(), "{end}");
        }
        let (request, used, keep) = parse(bytes).unwrap().unwrap();
        assert_eq!((request.body().as_ref(), used, keep), (b"abc".as_slice(), bytes.len() - 3, true));
        assert_eq!(request.uri(), "/a?b");
    }

    #[test]
    fn connections_close_as_the_request_says() {
        let keep = |bytes: &str| parse(bytes.as_bytes()).unwrap().unwrap().2;
        assert!(!keep("GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n"));
        assert!(!keep("GET / HTTP/1.0\r\n\r\n"));
        assert!(keep("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    }

    #[test]
    fn requests_that_could_be_read_in_two_ways_are_refused() {
        let with = |headers: &str| refusal(&format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        assert_eq!(with("Content-Length: 1\r\nContent-Length: 1\r\n"), Refusal::BadRequest);
        assert_eq!(with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), Refusal::BadRequest);
        assert_eq!(with("Content-Length: +1\r\n"), Refusal::BadRequest);
        assert_eq!(with("Transfer-Encoding: gzip\r\n"), Refusal::NotImplemented);
        assert_eq!(with("Host: y\r\n"), Refusal::BadRequest);
        assert_eq!(refusal("GET / HTTP/1.1\r\n\r\n"), Refusal::BadRequest);
        assert_eq!(refusal("GET / HTTP/2.0\r\n\r\n"), Refusal::VersionNotSupported);
        assert_eq!(refusal("\u{1}\r\n\r\n"), Refusal::BadRequest);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let long = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}", "a".repeat(HEAD));
        assert_eq!(refusal(&long), Refusal::HeadTooLarge);
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: a\r\n".repeat(HEADERS));
        assert_eq!(refusal(&many), Refusal::HeadTooLarge);
        let large = format!("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", BODY + 1);
        assert_eq!(refusal(&large), Refusal::BodyTooLarge);
    }
}
