//! `GET /api/captcha`: the picture that a site may want a person to read before a login.
//!
//! The source of AnqiCMS 3.5.8 (`controller/common.go`, `controller/apiUser.go`, `locales`)

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use userinfo_core::{Brought, Captcha, Demand, Error, ErrorKind, Object, Result, Secret, SignIn, SignedIn};
use userinfo_http::{Call, Http, Reply, Tokens};

use crate::{KIND, error, login::Desk, wire::Envelope};

const OPERATION: &str = "captcha";

/// What a site says, in its language, where a captcha is missing or wrong: in versions before and in 3.5.8.
const WORDS: [&str; 12] = [
    "captcha",
    "verification code",
    "graphic code",
    "验证码",
    "图形码",
    "圖形碼",
    "グラフィックコード",
    "графический код",
    "código gráfico",
    "kode grafis",
    "کد گرافیکی",
    "গ্রাফিক্স কোড",
];

/// A captcha that somebody read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) id: String,
    pub(crate) text: Secret,
}

/// Logs in for a person, who reads the captcha where the site demands one.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) desk: Desk,
    pub(crate) tokens: Tokens,
}

#[async_trait]
impl SignIn for Person {
    async fn demand(&self) -> Result<Demand> {
        Ok(self.desk.captcha().await?.map_or(Demand::Nothing, Demand::Captcha))
    }

    async fn sign_in(&self, brought: Brought) -> Result<SignedIn> {
        let desk = match brought {
            Brought::Nothing => self.desk.clone(),
            Brought::Captcha { id, text } => self.desk.clone().with_captcha(Read { id, text }),
            _ => return Err(Error::invalid_input(KIND, "a login takes what the captcha says, or nothing")),
        };
        self.tokens.sign_in_with(&desk).await
    }

    fn pardon(&self) {
        self.tokens.pardon();
    }
}

/// Asks for a captcha; `None` where the site demands none.
pub(crate) async fn ask(http: &Http, site_id: Option<u32>) -> Result<Option<Captcha>> {
    let call = Call::get(OPERATION, "/api/captcha");
    let call = match site_id {
        Some(site) => call.query("site_id", &site.to_string()),
        None => call,
    };
    let reply = http.send(call).await?;
    if reply.status() == 404 {
        // A site that shows none cannot demand one.
        return Ok(None);
    }
    let body = reply.object().map_err(|error| error::of_status(&reply, error))?;
    let (data, _) = Envelope::read(body).open(&reply).map_err(|error| match error.kind() {
        ErrorKind::Rejected => error.with_advice("log in with a browser, and configure the `token`"),
        _ => error,
    })?;
    read(data, &reply)
}

/// A data URL of a picture, and what the site knows it by.
fn read(mut data: Object<'_>, reply: &Reply) -> Result<Option<Captcha>> {
    if data.take_bool("captcha_off") == Some(true) {
        return Ok(None);
    }
    let captcha = data.take_text("captcha_id").zip(data.take_text("captcha")).and_then(|(id, url)| {
        let (media_type, picture) = url.strip_prefix("data:")?.split_once(";base64,")?;
        Some(Captcha::new(id, media_type, STANDARD.decode(picture).ok()?))
    });
    let wrong =
        || reply.refuse(ErrorKind::Protocol, "a captcha that nobody can read: there is no id or no picture");
    captcha.map(Some).ok_or_else(wrong)
}

/// Says whether a refusal is about the captcha: its code is that of every other failure.
pub(crate) fn is_meant(message: &str) -> bool {
    let message = message.to_lowercase();
    WORDS.iter().any(|it| message.contains(it))
}

/// Says what to do about it.
pub(crate) fn explained(error: Error, is_given: bool) -> Error {
    if is_given {
        let advice = "log in again, and read the new picture: each is good once, for a few minutes";
        return error.with_finding("what the captcha says was read wrongly, or too late").with_advice(advice);
    }
    error.with_finding("the site demands a captcha").with_advice(
        "let a person log in once with `userinfo login`, switch the captcha for logins off at the site, or \
         configure a `token`",
    )
}

#[cfg(test)]
mod tests;
