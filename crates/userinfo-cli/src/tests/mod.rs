//! The program with made-up providers, in memory: what the commands say, whatever the vendors do.

mod answers;
mod checks;
mod fake;
mod logins;
mod refusals;

use std::{ffi::OsString, fs, io::Write, path::PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use userinfo_layers::Layers;

use crate::{
    run,
    world::{Screen, World},
};

const CONFIG: &str = r#"
[http]
timeout = "7s"
[providers.site]
kind = "acme"
secret = "hunter22"
[providers.wallet]
kind = "purse"
secret = { env = "SECRET" }
"#;

/// One run of the program and what came of it.
struct Case {
    folder: TempDir,
    env: Vec<(&'static str, &'static str)>,
    stdin: &'static [u8],
    somebody_sits_there: bool,
    screen: Screen,
}

#[derive(Debug)]
struct Outcome {
    code: u8,
    stdout: String,
    stderr: String,
}

impl Case {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("userinfo.toml"), CONFIG).expect("a file");
        Self {
            folder,
            env: vec![("SECRET", "hunter33"), ("T", "right")],
            stdin: b"",
            somebody_sits_there: false,
            screen: Screen::default(),
        }
    }

    fn with_config(self, text: &str) -> Self {
        fs::write(self.file("userinfo.toml"), text).expect("a file");
        self
    }

    fn on_a_terminal(mut self) -> Self {
        self.screen = Screen { is_terminal: true, columns: Some(60), colour: false };
        self
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, line: &str) -> Outcome {
        let mut stdout = Vec::new();
        let (code, stderr) = self.run_into(&mut stdout, line);
        Outcome { code, stdout: String::from_utf8(stdout).expect("text"), stderr }
    }

    fn run_into(&self, stdout: &mut dyn Write, line: &str) -> (u8, String) {
        let layers = Layers::new();
        let factories = layers.over(fake::factories());
        let file = self.file("userinfo.toml");
        let env = |name: &str| {
            let found = self.env.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
            found.or_else(|| (name == "USERINFO_CONFIG").then(|| file.to_string_lossy().into_owned()))
        };
        let mut stderr = Vec::new();
        let world = World {
            factories: &factories,
            layers: &layers,
            env: &env,
            stdin: &mut &*self.stdin,
            stdin_is_terminal: self.somebody_sits_there,
            stdout,
            stderr: &mut stderr,
            screen: self.screen,
            stderr_colour: false,
        };
        let words = std::iter::once("userinfo").chain(line.split_whitespace()).map(OsString::from);
        let code = run::run(words, world);
        (code, String::from_utf8(stderr).expect("text"))
    }
}

impl Outcome {
    fn json(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""));
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// The `error` of a run with `--output json`.
    fn error(&self) -> Value {
        assert_eq!(self.stdout, "");
        let mut value: Value = serde_json::from_str(&self.stderr).expect("one JSON object");
        value["error"].take()
    }
}
