//! The commands around the look-up: demo, providers, check, sandbox.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Child, Stdio},
    thread,
};

use serde_json::json;
use userinfo_sandbox::Fault;

use crate::house::House;

#[test]
fn the_demo_shows_one_person_four_times() {
    let house = House::new();
    let ran = house.run("demo");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let users: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let kinds: Vec<_> = users.as_array().expect("a list").iter().map(|it| it["provider"].clone()).collect();
    assert_eq!(kinds, ["quectel", "alipay-plus", "anqicms", "tianyin"]);
    let table = house.run("demo --output table");
    assert_eq!(table.code, Some(0));
    let header = table.stdout.lines().next().expect("a header");
    assert_eq!(header.split_whitespace().collect::<Vec<_>>(), ["devices", "wallet", "site", "school"]);
    assert!(table.stdout.contains("alipay-plus") && table.stdout.contains("C131362"), "{}", table.stdout);
    // Its vendors are its own: the house heard nothing.
    assert_eq!(house.sandbox.journal().len(), 0);
}

#[test]
fn providers_says_what_each_instance_can_do() {
    let rows = House::new().run("providers").json();
    let rows: Vec<_> = rows
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (it["instance"].clone(), it["kind"].clone()))
        .collect();
    let pairs =
        [("devices", "quectel"), ("school", "tianyin"), ("site", "anqicms"), ("wallet", "alipay-plus")];
    assert_eq!(rows, pairs.map(|(name, kind)| (json!(name), json!(kind))));
}

#[test]
fn check_is_offline_and_tells_of_keys() {
    let house = House::new();
    let ran = house.run("check --output table");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("wallet (alipay-plus): ok\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2048"), "the size of the key: {}", ran.stdout);
    assert_eq!(house.sandbox.journal().len(), 0);
    let alone = house.run("check wallet").json();
    assert_eq!(alone.as_array().map(Vec::len), Some(1));
}

#[test]
fn check_online_asks_every_vendor_and_says_who_refuses() {
    let house = House::new();
    let rows = house.run("check --online").json();
    for row in rows.as_array().expect("a list") {
        assert_eq!(row["online"]["reachable"], true, "{row}");
        assert_eq!(row["online"]["ok"], true, "{row}");
    }
    let ran =
        house.command(&["check", "site", "--online"]).env("SITE_TOKEN", "a.b.c").output().expect("it runs");
    assert_eq!(ran.status.code(), Some(3));
    let row: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(row[0]["online"]["credential"], "refused");
    assert_eq!(row[0]["online"]["kind"], "unauthenticated");
}

#[test]
fn check_online_of_silent_vendors_ends_within_the_deadline() {
    let (house, _listener) = House::silent();
    let ran = house.run("check --online --timeout 200ms --output table");
    assert_eq!(ran.code, Some(6));
    assert_eq!(ran.stdout.matches("online: not reachable; timeout").count(), 4, "{}", ran.stdout);
}

#[test]
fn check_online_knows_by_how_much_the_clock_is_off() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let house = House::new();
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    house.configure(&format!("[providers.site]\nkind = \"anqicms\"\nbase_url = \"{url}\"\ntoken = \"t\"\n"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(
                b"HTTP/1.1 500 No\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    let ran = house.run("check --online");
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    let row: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert!(row[0]["online"]["clock_skew_s"].as_i64().expect("a number") < -86_400, "{row}");
}

#[test]
fn check_online_of_a_configuration_that_the_vendor_finds_wrong_is_a_failure() {
    let house = House::new();
    let fault =
        r#"{"result":{"resultStatus":"F","resultCode":"INVALID_AUTH_CLIENT","resultMessage":"no such one"}}"#;
    house.configure(&house.config(&house.url()).replace("wallet_public_key = { file = \"wallet.pem\" }", ""));
    house.sandbox.fail_next(Fault::HttpStatus {
        status: 200,
        body: Some(fault.to_owned()),
        content_type: Some("application/json".to_owned()),
        headers: BTreeMap::new(),
    });
    let ran = house.run("check wallet --online --output table");
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    for part in ["wallet (alipay-plus): failed\n", "INVALID_AUTH_CLIENT", "advice: check auth_client_id\n"] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.ends_with("; check auth_client_id\n"), "{}", ran.stderr);
}

/// With a terminal, that `script` of util-linux makes, in place of one of the two.
#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a test that cannot run says why")]
#[test]
fn logs_have_colours_only_where_stderr_is_a_terminal() {
    let house = House::new();
    let program = env!("CARGO_BIN_EXE_userinfo");
    let in_terminal = |line: &str, env: &[(&str, &str)]| {
        let line = line.replace("userinfo", program);
        let mut command = std::process::Command::new("script");
        command.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(house.folder.path());
        command.env_remove("NO_COLOR").env("TERM", "xterm").env("SITE_TOKEN", "t").envs(env.iter().copied());
        command.stdin(Stdio::null()).output().map(|it| String::from_utf8_lossy(&it.stdout).into_owned())
    };
    let terminal = match in_terminal("userinfo providers -v >answer", &[]) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("not run: this machine has no `script` (util-linux) to make a terminal with");
            return;
        }
        terminal => terminal.expect("`script` runs"),
    };
    assert!(terminal.contains("INFO") && terminal.contains('\u{1b}'), "{terminal}");
    for env in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let terminal = in_terminal("userinfo providers -v >answer", &[env]).expect("it ran before");
        assert!(terminal.contains("INFO") && !terminal.contains('\u{1b}'), "{terminal}");
    }
    in_terminal("userinfo providers -v 2>log", &[]).expect("it ran before");
    let log = fs::read_to_string(house.folder.path().join("log")).expect("a log");
    assert!(log.contains("INFO") && !log.contains('\u{1b}'), "{log}");
}

/// A running `userinfo sandbox` that ends with the test.
struct Running(Child);

impl Running {
    /// Starts it with stdout in a file, as `> userinfo.toml` does, and waits until it says that it listens.
    fn start(house: &House, words: &[&str]) -> Self {
        let file = File::create(house.folder.path().join("userinfo.toml")).expect("a file");
        let words: Vec<_> = std::iter::once("sandbox").chain(words.iter().copied()).collect();
        let child = house.command(&words).stdout(file).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut running = Self(child);
        let stderr = BufReader::new(running.0.stderr.as_mut().expect("a pipe"));
        let heard =
            stderr.lines().map_while(Result::ok).any(|it| it.contains("listening on http://127.0.0.1:"));
        assert!(heard, "it never listened");
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_sandbox_prints_a_configuration_that_works() {
    let house = House::new();
    let running = Running::start(&house, &["--addr", "127.0.0.1:0"]);
    for instance in crate::house::INSTANCES {
        let ran = house.run(&format!("get {}", house.question(instance)));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{instance}");
    }
    let text = fs::read_to_string(house.folder.path().join("userinfo.toml")).expect("a file");
    let chinese = house.person("chinese").anqicms_token();
    assert!(text.contains(&chinese), "every person's token is in the comments");
    let words = ["get", "site", "4294967295", "--token-env", "T"];
    let output = house.command(&words).env("T", chinese).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    drop(running);
}

#[cfg(unix)]
#[test]
fn the_sandbox_ends_in_peace_when_it_is_told_to() {
    let house = House::new();
    for signal in ["-INT", "-TERM"] {
        let mut running = Running::start(&house, &[]);
        let pid = running.0.id().to_string();
        let status = std::process::Command::new("kill").args([signal, &pid]).status().expect("kill");
        assert!(status.success());
        assert_eq!(running.0.wait().expect("it ends").code(), Some(0), "{signal}");
    }
}

#[test]
fn the_sandbox_plays_faults_and_knows_other_people() {
    let house = House::new();
    let write = |name: &str, text: &str| fs::write(house.folder.path().join(name), text).expect("a file");
    write("faults.json", r#"{"rules":[{"vendor":"tianyin","fault":"html"}]}"#);
    write(
        "people.json",
        r#"[{"key":"ada","ids":{"quectel":"CA","alipay_plus":"9","anqicms":9,"tianyin":9},"nickname":"Ada"}]"#,
    );
    let _running = Running::start(&house, &["--faults", "faults.json", "--people", "people.json"]);
    assert_eq!(house.run("get devices CA").json()["nickname"], "Ada");
    assert_eq!(house.run("get site 9").json()["id"], "9");
    assert_eq!(house.run("get school 9").code, Some(7));
    assert_eq!(house.run("get devices C131362").code, Some(5));
}

#[test]
fn the_sandbox_refuses_files_that_it_cannot_play() {
    let house = House::new();
    fs::write(house.folder.path().join("bad.json"), r#"[{"key":""},{"nick":1}]"#).expect("a file");
    for line in ["sandbox --faults bad.json", "sandbox --people bad.json", "sandbox --people nowhere.json"] {
        let ran = house.run(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line}");
        assert!(ran.stderr.lines().all(|it| it.starts_with("userinfo: ")), "{}", ran.stderr);
    }
    let people = house.run("sandbox --people bad.json").stderr;
    assert!(people.lines().count() > 2, "every fault: {people}");
    let taken = house.url().replace("http://", "");
    let ran = house.run(&format!("sandbox --addr {taken}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "the machine, not the command line");
    assert!(ran.stderr.starts_with(&format!("userinfo: cannot listen: {taken}: ")), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("; choose another --addr\n"), "{}", ran.stderr);
    let ran = house.run("sandbox --addr nonsense");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.starts_with("userinfo: cannot listen on nonsense: "), "{}", ran.stderr);
}

#[test]
fn a_fault_that_nobody_knows_is_told_its_neighbour_first() {
    let house = House::new();
    let refusal = |rules: &str| {
        fs::write(house.folder.path().join("faults.json"), format!("{{\"rules\":[{rules}]}}"))
            .expect("a file");
        house.run("sandbox --faults faults.json").stderr
    };
    let told = refusal(r#"{"fault":"html"},{"fault":"slwo"}"#);
    let expected = "userinfo: faults.json: rules[1]: no fault is called `slwo`; did you mean `slow`? known: vendor-code, ";
    assert!(told.starts_with(expected), "{told}");
    let told = refusal(r#"{"fault":"zzz"}"#);
    assert!(told.contains("no fault is called `zzz`; known: vendor-code, "), "{told}");
    // Where another rule is the first that is wrong, its fault is told.
    let told = refusal(r#"{"vendor":"acme","fault":"html"},{"fault":"slwo"}"#);
    assert!(!told.contains("slow"), "{told}");
}
