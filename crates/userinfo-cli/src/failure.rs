//! A command that failed, and how it says so.

use std::{
    error::Error as StdError,
    io::{self, Write},
    path::PathBuf,
};

use serde::Serialize;
use serde_json::{Value, json};
use userinfo_core::{ConfigError, Error, ErrorKind, Retry, one_line};

use crate::exit;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A look-up failed, or a saved answer could not be mapped.
    Lookup { instance: Option<String>, error: Error },
    /// A configuration cannot work.
    Config { file: PathBuf, error: ConfigError },
    /// What was asked for cannot be done.
    Refused { kind: ErrorKind, instance: Option<String>, message: String, advice: String },
    /// The machine failed.
    Machine { what: &'static str, error: io::Error },
    /// Nobody reads the answer any more, which is nobody's fault.
    BrokenPipe,
}

impl Failure {
    /// Refuses the command line.
    pub(crate) fn input(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::refused(ErrorKind::InvalidInput, message, advice)
    }

    /// Refuses the configuration before it is read.
    pub(crate) fn config(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::refused(ErrorKind::Config, message, advice)
    }

    pub(crate) fn refused(kind: ErrorKind, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Refused { kind, instance: None, message: message.into(), advice: advice.into() }
    }

    /// Names the instance that it is about.
    pub(crate) fn of(mut self, name: &str) -> Self {
        if let Self::Lookup { instance, .. } | Self::Refused { instance, .. } = &mut self {
            *instance = Some(name.to_owned());
        }
        self
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Lookup { error, .. } => exit::code(error.kind()),
            Self::Config { .. } => exit::code(ErrorKind::Config),
            Self::Refused { kind, .. } => exit::code(*kind),
            Self::Machine { .. } => exit::MACHINE,
            Self::BrokenPipe => exit::SUCCESS,
        }
    }

    /// Says it in one line: where, what, the code, the cause, and what to do; a bad file has one for each fault.
    pub(crate) fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Lookup { instance, error } => {
                let place = instance.as_ref().map(|it| format!("{}: ", one_line(it))).unwrap_or_default();
                write!(out, "userinfo: {place}{error}")?;
                if let Some(id) = error.request_id() {
                    write!(out, " (request id {id})")?;
                }
                if let Some(cause) = innermost_cause(error) {
                    write!(out, ": {cause}")?;
                }
                writeln!(out, "; {}{}", error.advice(), pause(error.retry()))
            }
            Self::Config { file, error } => {
                let file = one_line(&file.to_string_lossy());
                error.faults.iter().try_for_each(|fault| writeln!(out, "userinfo: {file}: {fault}"))
            }
            Self::Refused { message, advice, .. } => {
                let advice = if advice.is_empty() { String::new() } else { format!("; {advice}") };
                writeln!(out, "userinfo: {message}{advice}")
            }
            Self::Machine { what, error } => writeln!(out, "userinfo: {what}: {error}"),
            Self::BrokenPipe => Ok(()),
        }
    }

    /// Says it as one JSON object on one line.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let body = match self {
            Self::Lookup { instance, error } => Body::of_lookup(instance.as_deref(), error),
            Self::Config { file, error } => {
                let faults = error.faults.iter().map(|it| Fault { path: &it.path, message: &it.message });
                Body {
                    file: Some(file.to_string_lossy().into_owned()),
                    faults: Some(faults.collect()),
                    ..Body::new(ErrorKind::Config.as_str(), error.to_string(), ErrorKind::Config.advice())
                }
            }
            Self::Refused { kind, instance, message, advice } => {
                let advice = if advice.is_empty() { kind.advice() } else { advice };
                Body { instance: instance.as_deref(), ..Body::new(kind.as_str(), message.clone(), advice) }
            }
            Self::Machine { what, error } => {
                let advice = "check disk, memory and permissions of this machine";
                Body { cause: Some(error.to_string()), ..Body::new("machine", (*what).to_owned(), advice) }
            }
            Self::BrokenPipe => return Ok(()),
        };
        writeln!(out, "{}", serde_json::to_string(&Envelope { error: body })?)
    }
}

/// What programs read on stderr; absent keys are left out.
#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    retry: Value,
    advice: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Vec<Fault<'a>>>,
}

#[derive(Serialize)]
struct Fault<'a> {
    path: &'a str,
    message: &'a str,
}

impl<'a> Body<'a> {
    fn new(kind: &'static str, message: String, advice: &'a str) -> Self {
        Self {
            kind,
            provider: None,
            instance: None,
            message,
            vendor_code: None,
            http_status: None,
            request_id: None,
            retry: json!("never"),
            advice,
            cause: None,
            file: None,
            faults: None,
        }
    }

    fn of_lookup(instance: Option<&'a str>, error: &'a Error) -> Self {
        Self {
            provider: Some(error.provider()),
            instance,
            vendor_code: error.vendor_code(),
            http_status: error.http_status(),
            request_id: error.request_id(),
            retry: retry(error.retry()),
            cause: innermost_cause(error),
            ..Self::new(error.kind().as_str(), error.message().to_owned(), error.advice())
        }
    }
}

/// What goes wrong where an answer is written.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Machine { what: "the answer cannot be written", error },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Lookup { instance: None, error }
    }
}

fn retry(retry: Retry) -> Value {
    match retry {
        Retry::Backoff => json!("backoff"),
        Retry::After(pause) => json!({ "after_ms": u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) }),
        _ => json!("never"),
    }
}

/// How long the vendor wants to be left alone, in whole seconds.
fn pause(retry: Retry) -> String {
    match retry {
        Retry::After(pause) if !pause.is_zero() => {
            format!(" (ask again in {} s)", pause.as_millis().div_ceil(1000))
        }
        _ => String::new(),
    }
}

/// The end of the chain of causes, unless the message says it already, as it does of a deadline that is over.
pub(crate) fn innermost_cause(error: &Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.kind() == ErrorKind::Timeout && cause.is::<tokio::time::error::Elapsed>() {
        return None;
    }
    let text = one_line(&cause.to_string());
    (!text.is_empty() && !error.message().contains(&text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use userinfo_core::ConfigFault;

    use super::*;

    fn text(failure: &Failure) -> String {
        let mut out = Vec::new();
        failure.write_text(&mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    fn json(failure: &Failure) -> Value {
        let mut out = Vec::new();
        failure.write_json(&mut out).expect("memory");
        assert!(out.ends_with(b"}\n") && !out[..out.len() - 1].contains(&b'\n'));
        serde_json::from_slice(&out).expect("JSON")
    }

    fn limited() -> Failure {
        let error = Error::new(ErrorKind::RateLimited, "acme", "userInfo", "too fast")
            .with_vendor_code("9")
            .with_http_status(429)
            .with_retry(Retry::After(Duration::from_secs(2)))
            .with_request_id("r-1")
            .with_source(io::Error::other(io::Error::other("the\nvery end")));
        Failure::from(error).of("site")
    }

    #[test]
    fn a_failed_look_up_says_what_where_the_code_the_cause_and_what_to_do() {
        assert_eq!(
            text(&limited()),
            "userinfo: site: acme: userInfo: too fast (vendor code 9, HTTP 429) (request id r-1): the very end; \
             wait, then ask more slowly (ask again in 2 s)\n"
        );
    }

    #[test]
    fn json_has_the_keys_that_people_script_against() {
        let expected = json!({"error": {"kind": "rate_limited", "provider": "acme", "instance": "site",
            "message": "too fast", "vendor_code": "9", "http_status": 429, "request_id": "r-1", "retry": {"after_ms": 2000},
            "advice": "wait, then ask more slowly", "cause": "the very end"}});
        assert_eq!(json(&limited()), expected);
        let mut line = Vec::new();
        limited().write_json(&mut line).expect("memory");
        assert!(line.starts_with(
            br#"{"error":{"kind":"rate_limited","provider":"acme","instance":"site","message":"#
        ));
        let bare = Error::new(ErrorKind::Transport, "acme", "userInfo", "gone");
        let expected = json!({"error": {"kind": "transport", "provider": "acme", "message": "gone",
            "retry": "backoff", "advice": ErrorKind::Transport.advice()}});
        assert_eq!(json(&Failure::from(bare)), expected);
    }

    #[test]
    fn a_pause_is_told_in_whole_seconds_and_only_where_there_is_one() {
        for (millis, end) in [(60_000, " (ask again in 60 s)"), (1, " (ask again in 1 s)"), (0, "")] {
            let error = Error::new(ErrorKind::Unavailable, "acme", "userInfo", "closed")
                .with_retry(Retry::After(Duration::from_millis(millis)))
                .with_advice("come back");
            let expected = format!("userinfo: acme: userInfo: closed; come back{end}\n");
            assert_eq!(text(&Failure::from(error)), expected);
        }
    }

    #[test]
    fn every_fault_of_a_file_is_one_line() {
        let fault = |path: &str| ConfigFault { path: path.to_owned(), message: "is missing".to_owned() };
        let error = ConfigError { faults: vec![fault("a.b"), fault("")] };
        let failure = Failure::Config { file: "x.toml".into(), error };
        assert_eq!(text(&failure), "userinfo: x.toml: a.b: is missing\nuserinfo: x.toml: is missing\n");
        assert_eq!(json(&failure)["error"]["faults"][0], json!({"path": "a.b", "message": "is missing"}));
        assert_eq!(json(&failure)["error"]["kind"], "config");
    }

    #[test]
    fn a_broken_pipe_is_silent_and_a_full_disk_is_not() {
        let broken = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((text(&broken).as_str(), broken.code()), ("", 0));
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.code(), 1);
        assert!(text(&full).starts_with("userinfo: the answer cannot be written: "));
    }
}
