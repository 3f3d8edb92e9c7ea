use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};
use userinfo_http::{Request, Response, Transport, TransportError};

use crate::provider::{CLIENT_ID, SIGNATURE};

/// Joins repeats of the headers that a signature depends on into one, as RFC 9110, section 5.3, says.
///
/// A [`Reply`](userinfo_http::Reply) shows the first of several; an answer with two signatures must not
/// pass by its first.
#[derive(Debug)]
pub(crate) struct Once(pub(crate) Arc<dyn Transport>);

const JOINED: [HeaderName; 3] = [SIGNATURE, CLIENT_ID, HeaderName::from_static("response-time")];

#[async_trait]
impl Transport for Once {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut response = self.0.send(request).await?;
        for name in JOINED {
            let values: Vec<_> =
                response.headers().get_all(&name).iter().map(HeaderValue::as_bytes).collect();
            if values.len() > 1 {
                let joined = HeaderValue::from_bytes(&values.join(&b", "[..]));
                let joined = joined.expect("values of headers, with a comma between, are one");
                response.headers_mut().insert(name, joined);
            }
        }
        Ok(response)
    }
}
