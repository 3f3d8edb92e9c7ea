//! What the environment may change. It belongs to the process, so each test runs itself in another one.

use std::{env, process::Command};

use crate::{
    HttpConfig, OK, Proxy, get,
    server::{Act, Server},
};

/// Names the address of the server in the process that is the test proper.
const SERVER: &str = "USERINFO_TEST_SERVER";

/// Runs the test of this name again, in an environment that has these variables.
async fn run_again(name: &'static str, server: &Server, variables: Vec<(&'static str, String)>) {
    let mut command = Command::new(env::current_exe().expect("this test"));
    command
        .args([&format!("environment::{name}"), "--exact", "--nocapture"])
        .env(SERVER, server.address.to_string());
    command.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD").envs(variables);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it runs");
    let output = output.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn the_environments_proxy_is_taken_only_when_told_to() {
    let Ok(address) = env::var(SERVER) else {
        let server = Server::start(vec![vec![Act::SayAndClose(OK)], vec![Act::SayAndClose(OK)]]).await;
        let proxy = format!("http://{}", server.address);
        let variables = ["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, proxy.clone())).into();
        run_again("the_environments_proxy_is_taken_only_when_told_to", &server, variables).await;
        let seen = server.seen();
        assert!(seen[0].1.starts_with("GET /user?"), "{}", seen[0].1);
        assert!(seen[1].1.starts_with("GET http://a.example/user?"), "{}", seen[1].1);
        return;
    };
    let mut config = HttpConfig::default();
    crate::http(&config, &format!("http://{address}")).send(get()).await.expect("a reply");
    config.proxy = Proxy::Environment;
    crate::http(&config, "http://a.example").send(get()).await.expect("a reply");
}

#[tokio::test]
async fn a_machine_without_certificates_can_still_speak_plain_http() {
    let Ok(address) = env::var(SERVER) else {
        let blurt = Act::Blurt("HTTP/1.1 400 Bad Request\r\n\r\n");
        let server = Server::start(vec![vec![Act::SayAndClose(OK)], vec![blurt]]).await;
        let nowhere = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| (name, "/nonexistent".to_owned()));
        run_again("a_machine_without_certificates_can_still_speak_plain_http", &server, nowhere.into()).await;
        assert_eq!(server.asked_on(), [0]);
        return;
    };
    crate::http(&HttpConfig::default(), &format!("http://{address}")).send(get()).await.expect("a reply");
    let secure = crate::http(&HttpConfig::default(), &format!("https://{address}"));
    let error = secure.send(get()).await.expect_err("no certificates");
    assert!(crate::shown(&error).contains("this machine has no CA certificates"), "{error:?}");
}
