//! Where tokens are kept from one run to the next.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::config::{Config, set};

const TABLE: &str = "credentials";
const KEY: &str = "dir";

impl Config {
    /// Keeps tokens where the file says, beside it if that is a relative path, else in the user's directory for
    /// what programs remember.
    pub(crate) fn with_credentials(mut self, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let folder = self.file.parent().unwrap_or(Path::new("")).to_owned();
        let given = |table: &Map<String, Value>| table.get(TABLE)?.get(KEY).cloned();
        if given(&self.table).is_none()
            && let Some(usual) = usual(env)
        {
            set(&mut self.table, TABLE, KEY, &json!(usual.to_string_lossy()));
        }
        self.for_each_table(|table| {
            if let Some(Value::String(dir)) = given(table)
                && is_path(&dir)
            {
                set(table, TABLE, KEY, &json!(folder.join(dir).to_string_lossy()));
            }
        });
        self
    }

    /// The folder in which this instance keeps what vendors issue to it, if it keeps it.
    pub(crate) fn keeps_credentials(&self, instance: &str) -> Option<&str> {
        let own = self.instance(instance).and_then(|it| it.get(TABLE)?.get(KEY)?.as_str());
        own.or_else(|| self.table.get(TABLE)?.get(KEY)?.as_str()).filter(|it| *it != "off")
    }
}

/// Says whether it is neither a word nor a fault, which is the registry's to report.
fn is_path(dir: &str) -> bool {
    !dir.is_empty() && !dir.eq_ignore_ascii_case("off") && !dir.starts_with('~')
}

fn usual(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name| env(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let xdg = set("XDG_STATE_HOME").filter(|it| it.is_absolute());
    let home = || set("HOME").map(|it| it.join(".local").join("state"));
    let folder = xdg.or_else(|| if cfg!(windows) { set("LOCALAPPDATA") } else { home() })?;
    Some(folder.join("userinfo").join("credentials"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dirs(text: &str, env: &[(&str, &str)]) -> Vec<Value> {
        let config = Config::from_toml("/etc/u/userinfo.toml".into(), text).expect("TOML");
        let find = |name: &str| env.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
        told(&config.with_credentials(&find))
    }

    fn told(config: &Config) -> Vec<Value> {
        let of = |table: Option<&Value>| table.map_or(Value::Null, |it| it[TABLE][KEY].clone());
        let top = Value::Object(config.table.clone());
        vec![of(Some(&top)), of(config.instance("a"))]
    }

    #[cfg(unix)]
    #[test]
    fn tokens_are_kept_where_the_file_says_else_in_the_users_directory() {
        let (home, state) = (("HOME", "/home/ada"), ("XDG_STATE_HOME", "/state"));
        let own = "[providers.a.credentials]\ndir = \"x\"\n";
        for (text, env, expected) in [
            ("", &[home][..], [json!("/home/ada/.local/state/userinfo/credentials"), Value::Null]),
            ("", &[home, state], [json!("/state/userinfo/credentials"), Value::Null]),
            (
                "",
                &[home, ("XDG_STATE_HOME", "relative")],
                [json!("/home/ada/.local/state/userinfo/credentials"), Value::Null],
            ),
            ("", &[], [Value::Null, Value::Null]),
            (own, &[state], [json!("/state/userinfo/credentials"), json!("/etc/u/x")]),
            ("[credentials]\ndir = \"/y\"\n", &[state], [json!("/y"), Value::Null]),
            ("[credentials]\ndir = \"off\"\n", &[state], [json!("off"), Value::Null]),
            // Faults are the registry's to report.
            ("[credentials]\ndir = 7\n", &[state], [json!(7), Value::Null]),
            ("[credentials]\ndir = \"Off\"\n", &[state], [json!("Off"), Value::Null]),
            ("[credentials]\ndir = \"~/x\"\n", &[state], [json!("~/x"), Value::Null]),
            ("credentials = 7\n", &[state], [Value::Null, Value::Null]),
        ] {
            assert_eq!(dirs(text, env), expected, "{text}");
        }
    }

    #[test]
    fn no_folder_makes_the_program_stop() {
        let file = PathBuf::from("/tmp/\u{fffd}/userinfo.toml");
        let text = "[credentials]\ndir = \"x\"\n";
        let config = Config::from_toml(file, text).expect("TOML").with_credentials(&|_| None);
        assert_eq!(told(&config)[0], json!("/tmp/\u{fffd}/x"));
    }
}
