//! One question to a vendor, for nobody in particular: any answer of its own proves that it is there.

use std::io::{self, Write};

use serde::Serialize;
use userinfo_core::{
    Brought, Demand, Error, ErrorKind, Instance, Lookup, LookupKind, SignIn, UserInfoProvider,
};

use super::clock::{Clock, Skew};

/// An id that every vendor can read.
const ID: &str = "1";
/// A token that nobody has.
const TOKEN: &str = "userinfo-check-this-token-is-nobodys";

/// What a probe found out.
#[derive(Debug, Serialize)]
pub(crate) struct Online {
    pub(crate) ok: bool,
    /// `None` where nothing could be sent.
    reachable: Option<bool>,
    credential: Credential,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
    /// Why what a login is made with was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<&'static str>,
    /// `None` where the vendor was not reached.
    #[serde(flatten)]
    clock: Option<Skew>,
}

/// What the vendor makes of the configured credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Credential {
    Accepted,
    Refused,
    Unknown,
}

/// What a probe found out, and the failure if it is one.
pub(crate) struct Answer {
    pub(crate) online: Online,
    pub(crate) failure: Option<Error>,
}

/// Asks once, and for the time where the vendor was reached.
pub(crate) async fn ask(instance: &Instance, clock: Result<Clock, &'static str>) -> Answer {
    let login = match instance.sign_in.as_deref() {
        Some(desk) => log_in(desk).await,
        None => Ok(None),
    };
    let mut answer = match login {
        Ok(why_not) => {
            let answer = probe(&*instance.provider).await;
            // Without a kept token the probe itself tries to log in, and says what came of it.
            let login = why_not.filter(|_| answer.online.ok);
            Answer { online: Online { login, ..answer.online }, ..answer }
        }
        Err(error) => judge(Err(error), true),
    };
    if answer.online.reachable == Some(true) {
        answer.online.clock = Some(match clock {
            Ok(clock) => clock.skew().await,
            Err(why) => Skew::Unknown(why.to_owned()),
        });
    }
    answer
}

/// Tries what a login is made with, or says why not: a token that is still good says nothing of it.
async fn log_in(desk: &dyn SignIn) -> Result<Option<&'static str>, Error> {
    match desk.demand().await? {
        Demand::Nothing => desk.sign_in(Brought::Nothing).await.map(|_| None),
        Demand::Captcha(_) => {
            Ok(Some("was not tried: it takes a person, who reads a captcha; `userinfo login`"))
        }
        _ => Ok(None),
    }
}

/// The user, if there is one, is dropped unseen.
async fn probe(provider: &dyn UserInfoProvider) -> Answer {
    let by_id = provider.supports(LookupKind::Id);
    let lookup = if by_id { Lookup::id(ID) } else { Lookup::token(TOKEN) };
    let mut result = provider.user(&lookup).await.map(drop);
    let mut own_credential = by_id;
    // Without a configured credential nothing is sent; a token that is refused is an answer too.
    if result.as_ref().is_err_and(was_not_sent) && provider.supports(LookupKind::IdWithToken) {
        result = provider.user(&Lookup::id(ID).with_token(TOKEN)).await.map(drop);
        own_credential = false;
    }
    judge(result, own_credential)
}

fn was_not_sent(error: &Error) -> bool {
    let before_io = matches!(
        error.kind(),
        ErrorKind::Unauthenticated | ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::Config
    );
    before_io && error.http_status().is_none()
}

fn judge(result: Result<(), Error>, own_credential: bool) -> Answer {
    use ErrorKind as Kind;

    let Err(error) = result else {
        return answer(Some(true), Credential::Accepted, true, None);
    };
    let (reachable, credential, ok) = match error.kind() {
        _ if was_not_sent(&error) => (None, Credential::Unknown, false),
        Kind::Transport | Kind::Timeout => (Some(false), Credential::Unknown, false),
        Kind::NotFound | Kind::IdMismatch if own_credential => (Some(true), Credential::Accepted, true),
        Kind::Unauthenticated if own_credential => (Some(true), Credential::Refused, false),
        // The refusal may be about the made-up token. One of any other kind is not: that configuration fails.
        Kind::NotFound | Kind::Unauthenticated if !own_credential => (Some(true), Credential::Unknown, true),
        _ => (Some(true), Credential::Unknown, false),
    };
    answer(reachable, credential, ok, Some(error))
}

fn answer(reachable: Option<bool>, credential: Credential, ok: bool, error: Option<Error>) -> Answer {
    let kind = error.as_ref().map(|it| it.kind().as_str());
    let message = error.as_ref().map(|it| it.message().to_owned());
    let vendor_code = error.as_ref().and_then(|it| it.vendor_code().map(str::to_owned));
    let advice = error.as_ref().filter(|_| !ok).map(Error::advice);
    let online =
        Online { ok, reachable, credential, kind, message, vendor_code, advice, login: None, clock: None };
    Answer { online, failure: error.filter(|_| !ok) }
}

impl Online {
    /// Writes it in words.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let reachable = match self.reachable {
            Some(true) => "reachable",
            Some(false) => "not reachable",
            None => "not asked",
        };
        let credential = match self.credential {
            Credential::Accepted => ", the credential is accepted",
            Credential::Refused => ", the credential is refused",
            Credential::Unknown if self.ok => ", the credential could not be judged",
            Credential::Unknown => "",
        };
        write!(out, "  online: {reachable}{credential}")?;
        if let Some((kind, message)) = self.kind.zip(self.message.as_ref()) {
            let code = self.vendor_code.as_ref().map(|it| format!(" (vendor code {it})")).unwrap_or_default();
            // That nobody has the made-up id is as it should be; every other refusal is told in full.
            match (self.reachable, self.credential) {
                (_, Credential::Accepted) => write!(out, "; it answered {kind}")?,
                (Some(true), _) => write!(out, "; it answered {kind}: {message}{code}")?,
                _ => write!(out, "; {kind}: {message}")?,
            }
        }
        writeln!(out)?;
        if let Some(advice) = self.advice {
            writeln!(out, "  advice: {advice}")?;
        }
        if let Some(why) = self.login {
            writeln!(out, "  login: {why}")?;
        }
        match &self.clock {
            None => Ok(()),
            Some(Skew::Unknown(why)) => writeln!(out, "  clock: unknown: {why}"),
            Some(Skew::Seconds(-2..=2)) => writeln!(out, "  clock: as ours"),
            Some(Skew::Seconds(it @ 3..)) => writeln!(out, "  clock: {it} s ahead of ours"),
            Some(Skew::Seconds(it)) => writeln!(out, "  clock: {} s behind ours", it.unsigned_abs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(kind: ErrorKind, own_credential: bool) -> (Option<bool>, Credential, bool) {
        let error = Error::new(kind, "acme", "userInfo", "so").with_http_status(200);
        let answer = judge(Err(error), own_credential);
        assert_eq!(answer.failure.is_none(), answer.online.ok);
        (answer.online.reachable, answer.online.credential, answer.online.ok)
    }

    #[test]
    fn any_answer_of_the_vendor_proves_that_it_is_there() {
        for kind in [ErrorKind::NotFound, ErrorKind::IdMismatch] {
            assert_eq!(judged(kind, true), (Some(true), Credential::Accepted, true), "{kind}");
        }
        assert_eq!(judged(ErrorKind::Unauthenticated, true), (Some(true), Credential::Refused, false));
        assert_eq!(judged(ErrorKind::Unauthenticated, false), (Some(true), Credential::Unknown, true));
        assert_eq!(judged(ErrorKind::Signature, false), (Some(true), Credential::Unknown, false));
        assert_eq!(judged(ErrorKind::Timeout, true), (Some(false), Credential::Unknown, false));
    }

    #[test]
    fn a_refusal_that_no_token_could_change_is_a_failure() {
        for kind in [ErrorKind::InvalidInput, ErrorKind::Rejected, ErrorKind::PermissionDenied] {
            for own_credential in [true, false] {
                assert_eq!(judged(kind, own_credential), (Some(true), Credential::Unknown, false), "{kind}");
            }
        }
    }

    #[test]
    fn what_was_not_sent_proves_nothing() {
        let answer = judge(Err(Error::invalid_input("acme", "no token")), true);
        assert_eq!((answer.online.reachable, answer.online.ok), (None, false));
    }
}
