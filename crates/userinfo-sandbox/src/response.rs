//! From an answer to an HTTP response.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode, header::CONTENT_TYPE};

use crate::{
    Fault, WireFault,
    answer::{Answer, header_value},
};

/// The response of these bytes, under the answer's status and headers.
pub(crate) fn response(answer: Answer, bytes: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(bytes));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(content_type) = &answer.content_type {
        headers.insert(CONTENT_TYPE, header_value(content_type));
    }
    for (name, value) in answer.headers {
        headers.append(name, header_value(&value));
    }
    for (name, value) in answer.more_headers {
        if let Ok(name) = HeaderName::try_from(name) {
            headers.insert(name, header_value(&value));
        }
    }
    response
}

/// The part of a fault that lies below HTTP.
pub(crate) const fn wire_fault(fault: &Fault) -> Option<WireFault> {
    Some(match fault {
        Fault::Refused => WireFault::Refused,
        Fault::Reset => WireFault::Reset,
        Fault::Stall => WireFault::Stall,
        Fault::StallBody => WireFault::StallBody,
        Fault::Truncated => WireFault::Truncated,
        Fault::Slow { pause_ms: Some(millis) } => WireFault::Slow { pause: Duration::from_millis(*millis) },
        Fault::Slow { pause_ms: None } => WireFault::Slow { pause: Duration::from_millis(100) },
        Fault::DropIdle => WireFault::DropIdle,
        _ => return None,
    })
}
