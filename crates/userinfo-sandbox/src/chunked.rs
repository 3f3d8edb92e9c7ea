//! Chunked bodies.

use crate::receive::{BODY, Refusal};

/// How long the lines of sizes and trailers may be.
const LINE: usize = 4096;

/// The body and how many bytes it took; `None` until all of it is there.
pub(crate) fn decode(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Refusal> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let Some(line) = line(&bytes[at..])? else { return Ok(None) };
        at += line.len() + 2;
        let size = size(line)?;
        if size == 0 {
            return Ok(trailers(bytes, at)?.map(|end| (body, end)));
        }
        if body.len() + size > BODY {
            return Err(Refusal::BodyTooLarge);
        }
        let Some(chunk) = bytes.get(at..at + size + 2) else { return Ok(None) };
        let (data, end) = chunk.split_at(size);
        if end != b"\r\n" {
            return Err(Refusal::BadRequest);
        }
        body.extend_from_slice(data);
        at += size + 2;
    }
}

/// Where the trailers end; they are read and dropped.
fn trailers(bytes: &[u8], start: usize) -> Result<Option<usize>, Refusal> {
    let mut at = start;
    while let Some(line) = line(&bytes[at..])? {
        at += line.len() + 2;
        if line.is_empty() {
            return Ok(Some(at));
        }
        if at - start > LINE {
            return Err(Refusal::HeadTooLarge);
        }
    }
    Ok(None)
}

fn line(bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    match bytes.windows(2).take(LINE).position(|it| it == b"\r\n") {
        Some(end) => Ok(Some(&bytes[..end])),
        None if bytes.len() > LINE => Err(Refusal::BadRequest),
        None => Ok(None),
    }
}

fn size(line: &[u8]) -> Result<usize, Refusal> {
    let digits = line.split(|it| *it == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).unwrap_or_default().trim_end();
    let plain = digits.len() <= 8 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    usize::from_str_radix(digits, 16).ok().filter(|_| plain).ok_or(Refusal::BadRequest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_dropped() {
        let bytes = b"3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nrest";
        for end in 0..bytes.len() - 4 {
            assert_eq!(decode(&bytes[..end]), Ok(None), "{end}");
        }
        assert_eq!(decode(bytes), Ok(Some((b"abc0123456789".to_vec(), bytes.len() - 4))));
    }

    #[test]
    fn broken_chunks_are_refused() {
        for bytes in ["x\r\n", "\r\n", "-1\r\n", "1\r\nabc", "+1\r\na\r\n", "fffffffff\r\n"] {
            assert_eq!(decode(bytes.as_bytes()), Err(Refusal::BadRequest), "{bytes:?}");
        }
        assert_eq!(decode(b"100001\r\n"), Err(Refusal::BodyTooLarge));
    }
}
