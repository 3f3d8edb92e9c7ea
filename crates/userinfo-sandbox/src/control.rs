//! The sandbox's own routes below `/_sandbox`, for tests that are not written in Rust.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::{
    Sandbox, Script,
    answer::{Answer, Body},
    json::Json,
    members::Members,
};

const HELP: &str = "sandbox: POST or DELETE /_sandbox/faults, GET or DELETE /_sandbox/journal, \
POST /_sandbox/auth-codes, PUT /_sandbox/captcha, DELETE /_sandbox/tokens, DELETE /_sandbox/tokens/access\n";

/// The answer to a call of the sandbox's own routes; `None` for any other path.
pub(crate) fn answer(sandbox: &Sandbox, request: &Request<Bytes>) -> Option<Answer> {
    let route = request.uri().path().strip_prefix("/_sandbox/")?;
    Some(match (request.method(), route) {
        (&Method::POST, "faults") => play(sandbox, request.body()),
        (&Method::DELETE, "faults") => {
            sandbox.clear_faults();
            Answer::empty(204)
        }
        (&Method::GET, "journal") => journal(sandbox),
        (&Method::DELETE, "journal") => {
            sandbox.clear_journal();
            Answer::empty(204)
        }
        (&Method::POST, "auth-codes") => auth_code(sandbox, request.body()),
        (&Method::PUT, "captcha") => captcha(sandbox, request.body()),
        (&Method::DELETE, "tokens") => {
            sandbox.revoke_issued();
            Answer::empty(204)
        }
        (&Method::DELETE, "tokens/access") => {
            sandbox.revoke_access();
            Answer::empty(204)
        }
        _ => Answer::text(404, HELP),
    })
}

fn play(sandbox: &Sandbox, body: &[u8]) -> Answer {
    match Script::from_json(&String::from_utf8_lossy(body)) {
        Ok(script) => {
            sandbox.play(script);
            Answer::empty(204)
        }
        Err(error) => Answer::text(400, format!("{error}\n")),
    }
}

/// `{"person":"everything"}` is answered `{"auth_code":"…"}`.
fn auth_code(sandbox: &Sandbox, body: &[u8]) -> Answer {
    let members = Members::parse(body).filter(|it| it.len() == 1);
    let Some(key) = members.as_ref().and_then(|it| it.get("person")).and_then(Value::as_str) else {
        return Answer::text(400, "sandbox: the body must be an object with the one key `person`\n");
    };
    if sandbox.person(key).is_none() {
        return Answer::text(400, format!("sandbox: no person has the key {key:?}\n"));
    }
    let body = Json::object([("auth_code", sandbox.auth_code(key).into())]);
    Answer { content_type: Some("application/json".into()), body: Body::Json(body), ..Answer::empty(200) }
}

/// `{"demanded":true}` or `{"demanded":false}`.
fn captcha(sandbox: &Sandbox, body: &[u8]) -> Answer {
    let members = Members::parse(body).filter(|it| it.len() == 1);
    let Some(demanded) = members.as_ref().and_then(|it| it.get("demanded")).and_then(Value::as_bool) else {
        let reason = "sandbox: the body must be an object with the one key `demanded`, true or false\n";
        return Answer::text(400, reason);
    };
    sandbox.demand_captcha(demanded);
    Answer::empty(204)
}

fn journal(sandbox: &Sandbox) -> Answer {
    match serde_json::to_vec(&sandbox.journal()) {
        Ok(json) => Answer {
            content_type: Some("application/json".into()),
            body: Body::Bytes(json),
            ..Answer::empty(200)
        },
        Err(error) => Answer::text(500, format!("{error}\n")),
    }
}
