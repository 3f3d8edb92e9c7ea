//! Finding the configuration, and all that can be wrong with it.

use std::fs;

use crate::house::House;

/// Runs `check` on a text; it must be refused, a line a fault.
fn faults(house: &House, text: &str) -> Vec<String> {
    house.configure(text);
    let ran = house.run("check");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{text}");
    assert_eq!(house.sandbox.journal().len(), 0);
    let prefix = "userinfo: userinfo.toml: ";
    ran.stderr.lines().map(|it| it.strip_prefix(prefix).expect("one line a fault").to_owned()).collect()
}

#[test]
fn every_way_to_write_it_wrong_is_said_in_one_line() {
    let house = House::new();
    let site = "[providers.site]\nkind = \"anqicms\"\nbase_url = \"https://site.example\"\n";
    for (text, fault) in [
        ("[providers.site\n".to_owned(), "line 1: not TOML: "),
        ("[providers]\nsite = 1\n".to_owned(), "providers.site: must be a table"),
        ("[providers.site]\n".to_owned(), "providers.site.kind: is missing"),
        (
            "[providers.site]\nkind = \"anqi\"\n".to_owned(),
            "providers.site.kind: there is no provider `anqi`; ",
        ),
        (format!("tiemout = 1\n{site}"), "tiemout: unknown key"),
        (format!("{site}tokn = \"x\"\n"), "providers.site.tokn: unknown key; did you mean `token`?"),
        (format!("{site}token = 5\n"), "providers.site.token: must be "),
        (format!("{site}token = \"\"\n"), "providers.site.token: must not be empty"),
        (
            format!("{site}token = {{ env = \"NOPE\" }}\n"),
            "providers.site.token: the environment variable NOPE is not set",
        ),
        (
            format!("{site}token = {{ file = \"nope\" }}\n"),
            "providers.site.token: the file nope cannot be read: ",
        ),
        (format!("{site}http.timeout = \"fast\"\n"), "providers.site.http.timeout: must be a duration"),
        (format!("[http]\nmax_body = 5\n{site}"), "http.max_body: must be a size in quotes"),
        (format!("{site}http.proxy = \"::\"\n"), "providers.site.http"),
        (
            format!("{site}http.ca_file = \"nope.pem\"\n"),
            "providers.site.http.ca_file: the file nope.pem cannot be read",
        ),
        (format!("{site}headers = {{ \"a b\" = \"x\" }}\n"), "providers.site.headers.a b: "),
        (site.replace("https://", "http://"), "providers.site.base_url: must begin with https://"),
        (site.replace("https://", "https://user:pw@"), "providers.site.base_url: must not hold a user name"),
    ] {
        let told = faults(&house, &text);
        assert!(told.iter().any(|it| it.starts_with(fault)), "{text}\n{fault}\n{told:#?}");
        assert!(told.iter().all(|it| !it.contains("user:pw")), "{told:#?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let house = House::new();
    let told = faults(
        &house,
        "a = 1\n[providers.x]\nkind = \"quectel\"\n[providers.y]\nkind = \"alipay-plus\"\n[providers.z]\nkind = \"tianyin\"\n",
    );
    for place in
        ["a: ", "providers.x", "providers.y.base_url: ", "providers.y.client_id: ", "providers.z.base_url: "]
    {
        assert!(told.iter().any(|it| it.starts_with(place)), "{place}: {told:#?}");
    }
}

#[test]
fn a_fault_for_all_is_told_also_where_no_instance_reads_it() {
    let house = House::new();
    assert_eq!(faults(&house, "[layers]\nretry = \"on\"\n"), ["layers.retry: must be a table or \"off\""]);
    let site = "[providers.site]\nkind = \"anqicms\"\nbase_url = \"https://site.example\"\ntoken = \"t\"\n";
    let told = faults(&house, &format!("[http]\nmax_body = 5\n{site}http.max_body = \"1MiB\"\n"));
    assert_eq!(told, ["http.max_body: must be a size in quotes, such as \"64KiB\" or \"1MiB\""]);
}

#[test]
fn a_bad_file_stops_every_command_before_any_call() {
    let house = House::new();
    house.configure(&house.config(&house.url()).replace("SITE_TOKEN", "NOPE"));
    for line in
        [format!("get {}", house.question("devices")), "providers".to_owned(), "check --online".to_owned()]
    {
        let ran = house.run(&line);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line}");
        assert!(ran.stderr.contains("providers.site.token: the environment variable NOPE is not set"));
    }
    assert_eq!(house.sandbox.journal().len(), 0);
}

#[test]
fn the_configuration_is_found_in_its_four_places() {
    let house = House::new();
    let names = |words: &[&str], env: &[(&str, &str)]| {
        let mut command = house.command(words);
        command.current_dir(house.folder.path().join("home")).envs(env.iter().copied());
        let output = command.output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).contains("\"devices\""))
    };
    let place = |path: &str, text: &str| {
        let path = house.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    fs::create_dir(house.folder.path().join("home")).expect("a folder");
    let providers: &[&str] = &["providers"];
    assert_eq!(names(providers, &[]), (Some(2), false), "there is none");
    assert_eq!(names(&["providers", "--config", "../userinfo.toml"], &[]), (Some(0), true));
    assert_eq!(names(providers, &[("USERINFO_CONFIG", "../userinfo.toml")]), (Some(0), true));
    let config = house.config(&house.url()).replace("\"merchant.pem\"", "\"../../../merchant.pem\"");
    let config = config.replace("\"wallet.pem\"", "\"../../../wallet.pem\"");
    place("home/.config/userinfo/userinfo.toml", &config);
    assert_eq!(names(providers, &[]), (Some(0), true), "the user's folder");
    let empty = house.folder.path().join("xdg");
    place("xdg/userinfo/userinfo.toml", "");
    let xdg = empty.to_str().expect("text");
    assert_eq!(names(providers, &[("XDG_CONFIG_HOME", xdg)]), (Some(0), false), "XDG before ~/.config");
    place("home/userinfo.toml", &config.replace("../../../", "../"));
    assert_eq!(names(providers, &[("XDG_CONFIG_HOME", xdg)]), (Some(0), true), "./ before the user's folder");
    assert_eq!(names(providers, &[("USERINFO_CONFIG", "nowhere.toml")]), (Some(2), false), "named is named");
}

#[test]
fn files_are_relative_to_the_configuration() {
    let house = House::new();
    let elsewhere = tempfile::TempDir::new().expect("a folder");
    let file = house.folder.path().join("userinfo.toml");
    let mut command = house.command(&["get", "wallet", "--token-env", "WALLET_TOKEN", "--config"]);
    let output = command.arg(&file).current_dir(elsewhere.path()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_environments_proxy_is_not_asked() {
    let house = House::new();
    let question = house.question("site");
    let words: Vec<_> = std::iter::once("get").chain(question.split(' ')).collect();
    let mut command = house.command(&words);
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("http_proxy", "http://127.0.0.1:1");
    assert_eq!(command.output().expect("it runs").status.code(), Some(0));
}
