//! `userinfo login`: a login that a person orders, or has a part in.

use std::{
    io::{self, Write},
    time::SystemTime,
};

use serde::Serialize;
use tracing::info;
use userinfo_core::{
    Brought, Captcha, Demand, ErrorKind, Instance, Secret, SignIn, SignedIn, Timestamp, User, one_line,
};

use super::{
    given::{Given, asked},
    table_or_json, wait,
};
use crate::{
    args::{Common, Output},
    config,
    failure::Failure,
    output::{self, Grid},
    world::World,
};

pub(crate) fn run(
    name: &str,
    code: &Given<'_>,
    common: &Common,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let form = table_or_json(common.output_on(world.screen))?;
    let config = config::load(common, world)?;
    let registry = config.registry(world)?;
    let instance = config::instance(&registry, name)?;
    let desk = instance.sign_in.as_deref().ok_or_else(|| nothing_to_do(instance, name))?;
    info!(instance = name, "login");
    let signed_in = wait(sign_in(desk, code, name, world))?.map_err(|it| it.of(name))?;
    let place = config.keeps_credentials(name).filter(|_| signed_in.kept);
    let user = signed_in.user.as_ref();
    let masked = user.filter(|_| common.mask).map(User::to_masked);
    let told = Told {
        instance: name,
        kind: instance.provider.descriptor().kind,
        expires_at: signed_in.expires_at.and_then(timestamp),
        kept: place.is_some(),
        user: masked.as_ref().or(user),
    };
    match form {
        Output::Json => output::json(&told, world.stdout)?,
        _ => told.write(world)?,
    }
    match place {
        Some(place) => world.note(&format!("logged in; what was issued is kept in {}", one_line(place))),
        None => world.note(
            "logged in, but what was issued is not kept; is `dir` of [credentials] off, or not writable?",
        ),
    }
    Ok(())
}

/// What is told of a login.
#[derive(Serialize)]
struct Told<'a> {
    instance: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    kept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a User>,
}

impl Told<'_> {
    fn write(&self, world: &mut World<'_>) -> io::Result<()> {
        let mut grid = Grid::default();
        let mut row = |label: &str, value: String| grid.push([label.to_owned(), value]);
        row("instance", one_line(self.instance));
        row("kind", self.kind.to_owned());
        row("token until", self.expires_at.map_or_else(|| "unknown".to_owned(), |it| it.to_string()));
        row("kept", if self.kept { "yes" } else { "no" }.to_owned());
        for (label, value) in self.user.map(output::rows).unwrap_or_default() {
            grid.push([label, value]);
        }
        grid.write(world.stdout, world.screen)
    }
}

/// Asks what is wanted, has it brought, and logs in with it.
async fn sign_in(
    desk: &dyn SignIn,
    code: &Given<'_>,
    name: &str,
    world: &mut World<'_>,
) -> Result<SignedIn, Failure> {
    let brought = match desk.demand().await? {
        Demand::Code => Brought::Code(bring(code, name, "the code that the user was given:", world)?),
        Demand::Captcha(captcha) => {
            let text = read_captcha(&captcha, code, name, world)?;
            Brought::Captcha { id: captcha.id, text }
        }
        Demand::Nothing => {
            if code.is_there() {
                world.note("no code was asked for");
            }
            Brought::Nothing
        }
        _ => {
            return Err(Failure::input(
                "the login takes what this program does not know",
                "take a newer one",
            ));
        }
    };
    Ok(desk.sign_in(brought).await?)
}

/// What a person brings: by the flags, else by asking whoever sits there.
fn bring(code: &Given<'_>, name: &str, question: &str, world: &mut World<'_>) -> Result<Secret, Failure> {
    if let Some(code) = code.read(world)? {
        // People copy codes, with what is blank around them.
        return Ok(Secret::new(code.expose().trim()));
    }
    if !world.stdin_is_terminal {
        let advice = "give it with --code-env VAR or --code-stdin, or run it on a terminal";
        return Err(Failure::input(format!("{}: the code is missing", one_line(name)), advice));
    }
    asked(question, world)
}

/// Puts the picture where a person can look at it, until there is an answer.
fn read_captcha(
    captcha: &Captcha,
    code: &Given<'_>,
    name: &str,
    world: &mut World<'_>,
) -> Result<Secret, Failure> {
    if code.env.is_some() {
        let message = format!("{}: a captcha is demanded, which nobody can know beforehand", one_line(name));
        return Err(Failure::input(message, IN_PERSON));
    }
    if !code.stdin && !world.stdin_is_terminal {
        return Err(Failure::input(format!("{}: a captcha is demanded", one_line(name)), IN_PERSON));
    }
    let machine = |error| Failure::Machine { what: "the picture of the captcha cannot be written", error };
    let suffix = match captcha.media_type.as_str() {
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "image/png" => ".png",
        _ => "",
    };
    let mut file =
        tempfile::Builder::new().prefix("userinfo-captcha-").suffix(suffix).tempfile().map_err(machine)?;
    file.write_all(&captcha.picture).and_then(|()| file.flush()).map_err(machine)?;
    let place = one_line(&file.path().to_string_lossy());
    world.note(&format!("a captcha is demanded; its picture is {place}"));
    bring(code, name, "what does it say?", world)
}

const IN_PERSON: &str = "run it on a terminal, or answer with --code-stdin";

fn nothing_to_do(instance: &Instance, name: &str) -> Failure {
    let vendor = instance.provider.descriptor().vendor;
    let message = format!("{} ({vendor}): there is nothing to log in with", one_line(name));
    let advice = "a token needs no login; to log in, configure a key pair or a password";
    Failure::refused(ErrorKind::Unsupported, message, advice).of(name)
}

fn timestamp(at: SystemTime) -> Option<Timestamp> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_unix_millis(i64::try_from(since.as_millis()).ok()?)
}
