//! `userinfo demo`: one simulated user, as all four vendors tell of them, over real HTTP.

use std::{sync::Arc, time::SystemTime};

use userinfo_core::{Lookup, User};
use userinfo_sandbox::{Sandbox, Server};

use super::{sandbox_config, table_or_json, wait};
use crate::{
    args::{Common, Output},
    config::{self, Config},
    failure::Failure,
    output::{self, Grid},
    world::{Screen, World},
};

/// The columns of a table that no terminal bounds.
const COLUMNS: usize = 160;

pub(crate) fn run(common: &Common, world: &mut World<'_>) -> Result<(), Failure> {
    let form = table_or_json(common.output_on(world.screen))?;
    let sandbox = Arc::new(Sandbox::new().with_clock(SystemTime::now));
    let server = Server::bind(Arc::clone(&sandbox), "127.0.0.1:0").and_then(Server::spawn);
    let server = server.map_err(|error| Failure::Machine { what: "the sandbox cannot start", error })?;
    world.note(&format!("four simulated vendors at {}", server.url()));
    let text = sandbox_config::toml(&server.url(), sandbox.people());
    let config = Config::from_toml("the configuration of the demo".into(), &text)?;
    let config = config.with_timeout(common.timeout);
    let registry = config.registry(world)?;
    let mut users = Vec::new();
    let mut failed = None;
    for (name, lookup) in questions(&sandbox) {
        let provider = &config::instance(&registry, name)?.provider;
        match wait(provider.user(&lookup))? {
            Ok(user) if common.mask => users.push((name, user.to_masked())),
            Ok(user) => users.push((name, user)),
            Err(error) => failed = failed.or(Some(Failure::from(error).of(name))),
        }
    }
    if form == Output::Json {
        let users: Vec<_> = users.iter().map(|(_, user)| user).collect();
        output::json(&users, world.stdout)?;
    } else {
        let columns = world.screen.columns.or(Some(COLUMNS));
        side_by_side(&users).write(world.stdout, Screen { columns, ..world.screen })?;
    }
    failed.map_or(Ok(()), Err)
}

/// The same person, asked for at each vendor as that vendor wants it.
fn questions(sandbox: &Sandbox) -> Vec<(&'static str, Lookup)> {
    let Some(person) = sandbox.person("everything") else { return Vec::new() };
    vec![
        ("devices", Lookup::id(&person.ids.quectel)),
        ("wallet", Lookup::token(person.alipay_access_token())),
        ("site", Lookup::id(person.ids.anqicms.to_string())),
        ("school", Lookup::id(person.ids.tianyin.to_string())),
    ]
}

/// A row for each canonical field, a column for each user.
fn side_by_side(users: &[(&str, User)]) -> Grid {
    let mut grid = Grid::with_header(std::iter::once("").chain(users.iter().map(|(name, _)| *name)));
    let columns: Vec<_> = users.iter().map(|(_, user)| output::rows(user)).collect();
    for field in User::FIELDS {
        let cells: Vec<_> = columns.iter().map(|rows| cell(field, rows)).collect();
        if cells.iter().any(|it| !it.is_empty()) {
            grid.push(std::iter::once(field.to_owned()).chain(cells));
        }
    }
    grid
}

/// All that a user's rows say of one field: values, or for `extra` the names of the facts.
fn cell(field: &str, rows: &[(String, String)]) -> String {
    let mut label = "";
    let mut parts: Vec<&str> = Vec::new();
    for (own, value) in rows {
        label = if own.is_empty() { label } else { own };
        match label.split_once('.') {
            Some(("extra", name)) if field == "extra" => parts.push(name),
            // The whole name or address says it all, where there is one.
            Some((whole, _))
                if whole == field && field != "extra" && !rows.iter().any(|(it, _)| it == field) =>
            {
                parts.push(value);
            }
            None if label == field => parts.push(value),
            _ => {}
        }
    }
    parts.join("; ")
}
