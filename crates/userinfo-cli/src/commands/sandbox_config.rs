//! A configuration for the sandbox, with comments that say whom to ask for.

use std::{fmt::Write, net::SocketAddr};

use userinfo_core::one_line;
use userinfo_sandbox::{Person, credentials};

/// The address at which this machine reaches what is bound there.
pub(crate) fn url(bound: SocketAddr) -> String {
    match bound {
        SocketAddr::V4(it) if it.ip().is_unspecified() => format!("http://127.0.0.1:{}", it.port()),
        SocketAddr::V6(it) if it.ip().is_unspecified() => format!("http://[::1]:{}", it.port()),
        other => format!("http://{other}"),
    }
}

/// A whole `userinfo.toml`: `devices`, `wallet`, `site` and `school`.
pub(crate) fn toml(url: &str, people: &[Person]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = comments(&mut text, url, people);
    let _ = tables(&mut text, url, hero(people));
    text
}

/// Whom the examples ask for, and whose token the site is configured with.
fn hero(people: &[Person]) -> Option<&Person> {
    people.iter().find(|it| it.key == "everything").or(people.first())
}

fn comments(out: &mut String, url: &str, people: &[Person]) -> std::fmt::Result {
    writeln!(out, "# userinfo.toml for the sandbox at {url}.")?;
    writeln!(out, "# Every credential is a throw-away value made for tests: none opens anything.")?;
    if let Some(hero) = hero(people) {
        writeln!(out, "#\n# Try:")?;
        writeln!(out, "#   userinfo get devices {}", one_line(&hero.ids.quectel))?;
        writeln!(out, "#   T={} userinfo get wallet --token-env T", hero.alipay_access_token())?;
        writeln!(out, "#   userinfo get site {}", hero.ids.anqicms)?;
        writeln!(out, "#   userinfo get school {}", hero.ids.tianyin)?;
        writeln!(out, "#   userinfo explain site {}", hero.ids.anqicms)?;
        writeln!(out, "#   userinfo login wallet, with a code that is good once, from:")?;
        writeln!(out, "#     curl -d '{{\"person\":\"{}\"}}' {url}/_sandbox/auth-codes", hero.key)?;
        writeln!(out, "#   userinfo get wallet {}", one_line(&hero.ids.alipay_plus))?;
    }
    for person in people {
        let ids = &person.ids;
        writeln!(out, "#\n# {}", person.key)?;
        writeln!(out, "#   devices {}", one_line(&ids.quectel))?;
        writeln!(out, "#   wallet  --token-env T with T={}", person.alipay_access_token())?;
        writeln!(out, "#           (the id that comes back: {})", one_line(&ids.alipay_plus))?;
        let token = person.anqicms_token();
        writeln!(out, "#   site    {} --token-env T with T={token}", ids.anqicms)?;
        writeln!(out, "#   school  {}", ids.tianyin)?;
    }
    writeln!(out, "#\n# AnqiCMS takes the user from the token: `site` needs each person's own, and knows")?;
    writeln!(out, "# only the person `{}` with the one below.\n", hero(people).map_or("nobody", |it| &it.key))
}

fn tables(out: &mut String, url: &str, hero: Option<&Person>) -> std::fmt::Result {
    let remote = !["http://127.", "http://[::1]", "http://localhost"].iter().any(|it| url.starts_with(it));
    if remote {
        writeln!(out, "[http]\nallow_http = true\n")?;
    }
    let token = hero.map(Person::anqicms_token).unwrap_or_default();
    let login = hero.and_then(login).unwrap_or_default();
    write!(
        out,
        "[providers.devices]
kind = \"quectel\"
base_url = \"{url}/quectel\"
token = \"{quectel}\"
# In place of the token, to log in with:
# access_key = \"{access_key}\"
# access_secret = \"{access_secret}\"

[providers.wallet]
kind = \"alipay-plus\"
base_url = \"{url}/alipay-plus\"
client_id = \"{client}\"
private_key = '''
{merchant}'''
wallet_public_key = '''
{wallet}'''

[providers.site]
kind = \"anqicms\"
base_url = \"{url}/anqicms\"
token = \"{token}\"
{login}
[providers.school]
kind = \"tianyin\"
base_url = \"{url}/tianyin\"
app_id = \"{app}\"
access_token = \"{tianyin}\"
# In place of the token, to ask for one with:
# cas_url = \"{url}/tianyin-cas\"
# client_id = \"{client_id}\"
# client_secret = \"{client_secret}\"

# What to do on a bad day; take the `#` away, and see what `-v` tells.
# [layers]
# retry = {{ attempts = 3 }}
# deadline = \"10s\"
# attempt_timeout = \"3s\"
",
        quectel = credentials::QUECTEL_TOKEN,
        access_key = credentials::QUECTEL_ACCESS_KEY,
        access_secret = credentials::QUECTEL_ACCESS_SECRET,
        client_id = credentials::TIANYIN_CLIENT_ID,
        client_secret = credentials::TIANYIN_CLIENT_SECRET,
        client = credentials::ALIPAY_CLIENT_ID,
        merchant = credentials::MERCHANT_PRIVATE_KEY_PEM,
        wallet = credentials::WALLET_PUBLIC_KEY_PEM,
        app = credentials::TIANYIN_APP_ID,
        tianyin = credentials::TIANYIN_ACCESS_TOKEN,
    )
}

/// How this person logs in at the site, who may have no name to do so.
fn login(person: &Person) -> Option<String> {
    let name = person.username.as_ref()?;
    let password = person.anqicms_password();
    Some(format!(
        "# In place of the token, to log in with:\n# login = {{ user_name = {name:?}, password = {password:?} }}\n"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};
    use userinfo_sandbox::Sandbox;

    use super::*;

    #[test]
    fn it_is_toml_with_four_instances_whatever_people_are_called() {
        let mut people = Sandbox::new().people().to_vec();
        people[0].ids.quectel = "C1\n[providers.evil]".to_owned();
        let text = toml("http://127.0.0.1:1", &people);
        let table: Map<String, Value> = toml::from_str(&text).expect("TOML");
        let names: Vec<_> = table["providers"].as_object().expect("a table").keys().cloned().collect();
        assert_eq!(names, ["devices", "school", "site", "wallet"]);
        assert!(!table.contains_key("http"));
    }

    #[test]
    fn every_person_is_named_with_ids_and_tokens() {
        let sandbox = Sandbox::new();
        let text = toml("http://127.0.0.1:1", sandbox.people());
        for person in sandbox.people() {
            let ids = &person.ids;
            let parts =
                [person.key.clone(), ids.quectel.clone(), ids.anqicms.to_string(), ids.tianyin.to_string()];
            for part in parts.into_iter().chain([person.alipay_access_token(), person.anqicms_token()]) {
                assert!(text.lines().any(|it| it.starts_with('#') && it.contains(&part)), "{part}");
            }
        }
    }

    #[test]
    fn what_a_token_can_be_replaced_by_stands_beside_it_and_works() {
        let text = toml("http://127.0.0.1:1", Sandbox::new().people());
        let keys = ["access_key", "access_secret", "login", "cas_url", "client_id", "client_secret"];
        let given = ["token = ", "access_token = "];
        let lines = text.lines().filter(|line| !given.iter().any(|it| line.starts_with(it)));
        let lines = lines.map(|line| {
            let bare = line.trim_start_matches("# ");
            if keys.iter().any(|it| bare.starts_with(&format!("{it} = "))) { bare } else { line }
        });
        let file = "userinfo.toml".into();
        let config = crate::config::Config::from_toml(file, &lines.collect::<Vec<_>>().join("\n"));
        let config = config.unwrap_or_else(|_| panic!("TOML: {text}"));
        let sources = config.sources(&|_| None);
        let factories =
            [userinfo_quectel::factory(), userinfo_anqicms::factory(), userinfo_tianyin::factory()];
        let mut table = config.table.clone();
        table["providers"].as_object_mut().expect("a table").remove("wallet");
        let registry = userinfo_core::Registry::from_table(table, &factories, &sources).expect("it works");
        assert!(registry.iter().all(|(_, instance)| instance.notes.is_empty()));
    }

    #[test]
    fn an_address_for_all_is_reached_at_loopback_and_another_needs_leave() {
        assert_eq!(url("0.0.0.0:80".parse().expect("an address")), "http://127.0.0.1:80");
        assert_eq!(url("[::]:80".parse().expect("an address")), "http://[::1]:80");
        assert_eq!(url("192.0.2.1:80".parse().expect("an address")), "http://192.0.2.1:80");
        assert!(toml("http://192.0.2.1:80", Sandbox::new().people()).contains("allow_http = true"));
    }
}
