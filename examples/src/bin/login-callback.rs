//! Logs mini-program users in, for one wallet of a configuration.
//!
//! `login-callback FILE INSTANCE [ADDRESS]`, with the configuration in FILE; ADDRESS is `127.0.0.1:8080` unless given.

use std::{
    env,
    error::Error,
    fs, io,
    path::Path,
    sync::{Arc, OnceLock},
};

use tokio::net::TcpListener;
use userinfo_alipay_plus::{AlipayPlus, AlipayPlusConfig};
use userinfo_core::{Factory, Registry, SecretSources};
use userinfo_examples::login_callback::app;
use userinfo_http::HttpConfig;

/// Where the configuration's secrets come from: the environment, and files beside it.
struct Sources<'a>(&'a Path);

impl SecretSources for Sources<'_> {
    fn env(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }

    fn file(&self, path: &str) -> io::Result<String> {
        fs::read_to_string(self.0.join(path))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = env::args().skip(1).collect();
    let (file, instance, address) = match words.as_slice() {
        [file, instance] => (file, instance, "127.0.0.1:8080"),
        [file, instance, address] => (file, instance, address.as_str()),
        _ => return Err("usage: login-callback FILE INSTANCE [ADDRESS]".into()),
    };
    let wallet = wallet(Path::new(file), instance)?;
    let listener = TcpListener::bind(address).await?;
    #[expect(clippy::print_stdout, reason = "it is a program")]
    {
        println!("listening at http://{}", listener.local_addr()?);
    }
    axum::serve(listener, app(wallet)).await?;
    Ok(())
}

/// Builds the wallet of that name. Logging in is no look-up, so the provider itself is wanted, not a
/// `dyn UserInfoProvider`: a factory of our own hands it out.
fn wallet(file: &Path, instance: &str) -> Result<AlipayPlus, Box<dyn Error>> {
    let found = Arc::new(OnceLock::new());
    let (usual, slot, name) = (userinfo_alipay_plus::factory(), Arc::clone(&found), instance.to_owned());
    let build = move |settings: &mut userinfo_core::Settings<'_>| {
        let http = HttpConfig::from_settings(settings);
        let config = AlipayPlusConfig::from_settings(settings, &http);
        let transport = http.transport(settings);
        let wallet = AlipayPlus::new(config?, transport?).ok()?;
        if settings.instance() == name {
            slot.set(wallet.clone()).ok();
        }
        Some(Arc::new(wallet))
    };
    let factories = [
        Factory::new(usual.descriptor(), build, userinfo_alipay_plus::replay),
        userinfo_anqicms::factory(),
        userinfo_quectel::factory(),
        userinfo_tianyin::factory(),
    ];
    let folder = file.parent().unwrap_or(Path::new(""));
    Registry::from_toml(&fs::read_to_string(file)?, &factories, &Sources(folder))?;
    found.get().cloned().ok_or_else(|| format!("`{instance}` is no wallet of {}", file.display()).into())
}
