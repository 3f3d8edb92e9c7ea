//! A sandbox, a configuration for it, and the program.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::SystemTime,
};

use serde_json::Value;
use tempfile::TempDir;
use userinfo_sandbox::{Person, Running, Sandbox, Server, credentials};

/// Everything that one test needs.
pub(crate) struct House {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) folder: TempDir,
    server: Running,
}

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl House {
    /// A sandbox on a free port, and its `userinfo.toml` in the current folder.
    pub(crate) fn new() -> Self {
        Self::at(SystemTime::now)
    }

    /// A house whose vendors have this clock.
    pub(crate) fn at(clock: fn() -> SystemTime) -> Self {
        let sandbox = Arc::new(Sandbox::new().with_clock(clock));
        let server = Server::bind(Arc::clone(&sandbox), "127.0.0.1:0").expect("a free port");
        let server = server.spawn().expect("a thread");
        let house = Self { sandbox, folder: TempDir::new().expect("a folder"), server };
        house.configure(&house.config(&house.server.url()));
        house
    }

    /// A house whose vendors accept connections and never say a word; keep the listener alive.
    pub(crate) fn silent() -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let house = Self::new();
        house.configure(&house.config(&format!("http://{}", listener.local_addr().expect("an address"))));
        (house, listener)
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn person(&self, key: &str) -> &Person {
        self.sandbox.person(key).expect("a seeded person")
    }

    /// Writes the configuration.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.folder.path().join("userinfo.toml"), text).expect("a file");
    }

    /// The four instances at a URL.
    pub(crate) fn config(&self, url: &str) -> String {
        let write = |name: &str, text| fs::write(self.folder.path().join(name), text).expect("a file");
        write("merchant.pem", credentials::MERCHANT_PRIVATE_KEY_PEM);
        write("wallet.pem", credentials::WALLET_PUBLIC_KEY_PEM);
        format!(
            "[providers.devices]\nkind = \"quectel\"\nbase_url = \"{url}/quectel\"\ntoken = {quectel:?}\n
[providers.wallet]\nkind = \"alipay-plus\"\nbase_url = \"{url}/alipay-plus\"\nclient_id = {client:?}
private_key = {{ file = \"merchant.pem\" }}\nwallet_public_key = {{ file = \"wallet.pem\" }}\n
[providers.site]\nkind = \"anqicms\"\nbase_url = \"{url}/anqicms\"\ntoken = {{ env = \"SITE_TOKEN\" }}\n
[providers.school]\nkind = \"tianyin\"\nbase_url = \"{url}/tianyin\"\napp_id = {app:?}\naccess_token = {tianyin:?}\n",
            quectel = credentials::QUECTEL_TOKEN,
            client = credentials::ALIPAY_CLIENT_ID,
            app = credentials::TIANYIN_APP_ID,
            tianyin = credentials::TIANYIN_ACCESS_TOKEN,
        )
    }

    /// The three instances that can log in by themselves, with what they log in with.
    pub(crate) fn config_with_keys(&self) -> String {
        let (url, person) = (self.url(), self.person("everything"));
        format!(
            "[providers.devices]\nkind = \"quectel\"\nbase_url = \"{url}/quectel\"
access_key = {key:?}\naccess_secret = {secret:?}\n
[providers.site]\nkind = \"anqicms\"\nbase_url = \"{url}/anqicms\"
login = {{ user_name = {name:?}, password = {password:?} }}\n
[providers.school]\nkind = \"tianyin\"\nbase_url = \"{url}/tianyin\"\napp_id = {app:?}
cas_url = \"{url}/tianyin-cas\"\nclient_id = {client:?}\nclient_secret = {client_secret:?}\n",
            key = credentials::QUECTEL_ACCESS_KEY,
            secret = credentials::QUECTEL_ACCESS_SECRET,
            name = person.username.as_deref().expect("a name"),
            password = person.anqicms_password(),
            app = credentials::TIANYIN_APP_ID,
            client = credentials::TIANYIN_CLIENT_ID,
            client_secret = credentials::TIANYIN_CLIENT_SECRET,
        )
    }

    /// The program in this folder, with an environment of its own.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_userinfo"));
        command
            .args(words)
            .env_clear()
            .env("SITE_TOKEN", self.person("everything").anqicms_token())
            .env("WALLET_TOKEN", self.person("everything").alipay_access_token())
            .env("HOME", self.folder.path().join("home"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a line of words.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let words: Vec<_> = line.split_whitespace().collect();
        self.command(&words).output().expect("the program runs").into()
    }

    /// Runs a line of words with something on stdin.
    pub(crate) fn run_with_stdin(&self, line: &str, stdin: &[u8]) -> Ran {
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = self.command(&words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        // A program that does not care for its stdin may be gone already.
        let _ = child.stdin.take().expect("a pipe").write_all(stdin);
        child.wait_with_output().expect("the program ends").into()
    }

    /// The question for the person `everything` at an instance.
    pub(crate) fn question(&self, instance: &str) -> String {
        let ids = &self.person("everything").ids;
        match instance {
            "devices" => format!("devices {}", ids.quectel),
            "wallet" => "wallet --token-env WALLET_TOKEN".to_owned(),
            "site" => format!("site {}", ids.anqicms),
            _ => format!("school {}", ids.tianyin),
        }
    }
}

/// The four instances.
pub(crate) const INSTANCES: [&str; 4] = ["devices", "wallet", "site", "school"];

impl Ran {
    /// The answer as JSON; there must be one and nothing else.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// The one JSON object on stderr.
    pub(crate) fn error(&self) -> Value {
        assert_eq!(self.stdout, "");
        let mut value: Value = serde_json::from_str(&self.stderr).expect("one JSON object");
        value["error"].take()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
