//! AnqiCMS' captcha: `GET /api/captcha` shows a picture, and a login repeats what it says.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;

use crate::{
    Vendor,
    anqicms::{check_reading, check_visitor, not_found, refuse},
    answer::Answer,
    call::Call,
    credentials::ANQICMS_CAPTCHA,
    issued::{Grant, Kind, Standing},
    json::Json,
    mint,
};

/// After this the source's store may forget a captcha.
const LIFE: Duration = Duration::from_secs(10 * 60);

/// What every captcha looks like: `ANQICMS_CAPTCHA`, in the size of the source's pictures.
const PICTURE: &[u8] = include_bytes!("anqicms_captcha.png");

pub(crate) fn answer(call: &Call<'_>) -> Answer {
    if let Err(answer) = check_visitor(call) {
        return answer;
    }
    if call.method != Method::GET {
        return not_found();
    }
    if let Err(reason) = check_reading(call) {
        return refuse("-1", Some(reason));
    }
    let data = if call.demands_captcha { fresh(call) } else { Json::object([("captcha_off", true.into())]) };
    let body = Json::object([("code", Json::Int(0)), ("data", data), ("msg", "".into())]);
    Answer::json(Vendor::AnqiCms, body)
}

/// A picture, and the id under which a login tells what it says.
fn fresh(call: &Call<'_>) -> Json {
    let id = mint::anqicms_captcha(call.issued.serial());
    call.issued.keep(
        &id,
        Grant { vendor: call.vendor, kind: Kind::Captcha, owner: None, at: call.now, life: LIFE, idle: None },
    );
    Json::object([
        ("captcha_off", false.into()),
        ("captcha_id", id.into()),
        ("captcha", format!("data:image/png;base64,{}", STANDARD.encode(PICTURE)).into()),
    ])
}

/// Whether this is what the picture of the id says. An id is used up by any text, be it right or wrong.
pub(crate) fn is_solved(call: &Call<'_>, id: &str, text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let standing = call.issued.spend(call.vendor, Kind::Captcha, id, call.now);
    matches!(standing, Standing::Live(_)) && text == ANQICMS_CAPTCHA
}
