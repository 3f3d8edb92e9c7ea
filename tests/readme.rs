//! The example of the workspace's README, to the letter.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::{env, error::Error, sync::Arc};

use userinfo_anqicms::{
    AnqiCms, AnqiCmsConfig,
    userinfo_core::{Lookup, UserInfoProvider},
    userinfo_http::{HttpConfig, ReqwestTransport},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = AnqiCmsConfig::new(env::var("SITE")?.parse()?, env::var("TOKEN")?);
    let transport = ReqwestTransport::new(&HttpConfig::default())?;
    let provider = AnqiCms::new(config, Arc::new(transport));

    let user = provider.user(&Lookup::id("1000")).await?;
    println!("{} is {}", user.id, user.display_name.as_deref().unwrap_or("nameless"));
    Ok(())
}
