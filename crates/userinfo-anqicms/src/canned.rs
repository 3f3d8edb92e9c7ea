//! A site of one answer, for tests.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_http::{Clock, Http, Request, Response, Transport, TransportError};

use crate::{KIND, Login, LoginBy};

/// Answers with this status, header and body, and notes what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Canned {
    pub(crate) answer: String,
    pub(crate) status: u16,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) asked: Mutex<Vec<Request>>,
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.asked.lock().expect("a list").push(request);
        let mut response = Response::new(Bytes::from(self.answer.clone()));
        *response.status_mut() = self.status.try_into().expect("a status");
        if let Some((name, value)) = &self.header {
            response.headers_mut().insert(*name, value.parse().expect("a value"));
        }
        Ok(response)
    }
}

/// Shows 2023-11-14T22:13:20Z.
#[derive(Debug)]
pub(crate) struct Stopped;

pub(crate) const NOW: u64 = 1_700_000_000;

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
    }
}

pub(crate) fn http(canned: &Arc<Canned>) -> Http {
    let transport = Arc::clone(canned);
    Http::new(KIND, "https://a.example/sub".parse().expect("a URL"), transport).with_clock(Arc::new(Stopped))
}

pub(crate) fn login(by: LoginBy) -> Login {
    Login::new(by, "ada@example.com", "hunter2-pass").expect("a login")
}
