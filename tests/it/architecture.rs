//! The rooms keep to themselves.

use crate::workspace::{ROOMS, providers, read, room, root, sources, tree};

#[test]
fn every_room_depends_only_on_what_it_may() {
    for (room, needs) in &*ROOMS {
        let may: &[&str] = match room.as_str() {
            "userinfo-core" | "userinfo-sandbox" => &[],
            "userinfo-http" | "userinfo-layers" => &["userinfo-core"],
            "userinfo-testkit" => &["userinfo-core", "userinfo-http", "userinfo-sandbox"],
            "userinfo-bench" | "userinfo-cli" | "userinfo-examples" | "userinfo-tests" => continue,
            _provider => &["userinfo-core", "userinfo-http"],
        };
        let more: Vec<_> = needs.iter().filter(|it| !may.contains(&it.as_str())).collect();
        assert!(more.is_empty(), "{room} may not depend on {more:?}");
    }
}

#[test]
fn the_core_is_small_and_does_no_io() {
    let tree = tree("userinfo-core");
    assert!(tree.len() < 20, "{} crates besides itself: {tree:?}", tree.len());
    for absent in ["tokio", "http", "reqwest", "toml"] {
        assert!(!tree.contains(absent), "the core needs {absent}");
    }
    absent(
        "userinfo-core",
        &["std::env", "std::fs", "std::net", "std::process", "SystemTime::now", "Instant::now"],
    );
}

#[test]
fn a_provider_alone_brings_no_other_provider_and_no_signing() {
    for provider in providers() {
        let tree = tree(provider);
        let others: Vec<_> =
            providers().into_iter().filter(|it| *it != provider && tree.contains(*it)).collect();
        assert!(others.is_empty(), "{provider} brings {others:?}");
        for absent in ["rsa", "toml", "clap", "userinfo-sandbox", "userinfo-testkit"] {
            assert!(!tree.contains(absent), "{provider} brings {absent}");
        }
    }
    let manifest = read(room("userinfo-anqicms").join("Cargo.toml"));
    assert!(!manifest.contains("aws-lc"), "only a provider that signs names a signing crate");
}

#[test]
fn a_provider_does_not_do_what_is_not_its_work() {
    for provider in providers() {
        absent(
            provider,
            &[
                "std::env",
                "std::fs",
                "SystemTime::now",
                "Instant::now",
                "sleep(",
                "reqwest::",
                "println!",
                "http://",
            ],
        );
        for (path, text) in sources(&room(provider).join("src")) {
            if path.ends_with("wire.rs") {
                assert!(!text.contains("pub "), "{} is public", path.display());
            }
        }
    }
}

#[test]
fn the_common_rooms_know_no_vendor() {
    for room in ["userinfo-core", "userinfo-http", "userinfo-layers", "userinfo-testkit"] {
        absent(room, &["quectel", "alipay", "anqicms", "tianyin", "Quectel", "AnqiCms", "Tianyin"]);
    }
}

#[test]
fn the_layers_open_no_socket_and_read_neither_wall_clock_nor_surroundings() {
    absent(
        "userinfo-layers",
        &["std::env", "std::fs", "std::net", "std::time::Instant::now", "SystemTime", "tokio::net"],
    );
    // A signature of a crate that is used may name that clock in full; whoever imports it would read it.
    for (path, text) in sources(&room("userinfo-layers").join("src")) {
        let mut imports = text.split(';').filter_map(|it| it.split_once("use std::"));
        assert!(!imports.any(|(_, it)| it.contains("Instant")), "{} has the clock of std", path.display());
    }
}

#[test]
fn a_bare_provider_tries_once_and_remembers_nobody() {
    for provider in providers() {
        let subject = read(room(provider).join("tests/subject/mod.rs"));
        for stated in ["fn tries", "fn remembers"] {
            assert!(!subject.contains(stated), "{provider} states `{stated}`: only a layer may");
        }
    }
}

#[test]
fn every_provider_runs_behind_the_whole_stack() {
    let layers = read(root().join("tests/it/layers/mod.rs"));
    for provider in providers() {
        let subject = format!("#[path = \"../../../crates/{provider}/tests/subject/mod.rs\"]\nmod ");
        let (_, rest) = layers.split_once(&subject).unwrap_or_else(|| panic!("{provider} has no subject"));
        let module = rest.split(';').next().unwrap_or_default();
        let case = format!("conformance!(all_over_{module}, behind_all(");
        assert!(layers.lines().any(|line| line.starts_with(&case)), "{provider} is not run: {case}");
    }
}

#[test]
fn every_provider_has_everything_that_a_provider_has() {
    let registry = read(room("userinfo-cli").join("src/providers.rs"));
    let readme = read(root().join("README.md"));
    for provider in providers() {
        for file in ["lib", "config", "provider", "wire", "user", "error"] {
            let file = room(provider).join(format!("src/{file}.rs"));
            assert!(file.exists(), "{} is missing", file.display());
        }
        for file in ["fixtures/SOURCES.md", "tests/conformance.rs", "README.md"] {
            let file = room(provider).join(file);
            assert!(file.exists(), "{} is missing", file.display());
        }
        let conformance = read(room(provider).join("tests/conformance.rs"));
        assert!(conformance.contains("conformance!("), "{provider} does not run the suite");
        assert!(
            registry.contains(&format!("{}::factory()", provider.replace('-', "_"))),
            "{provider} is not in the CLI"
        );
        assert!(readme.contains(&format!("`{provider}`")), "{provider} is not in the README");
    }
}

#[test]
fn crates_that_are_banned_are_not_in_the_lock_file() {
    let lock = read(root().join("Cargo.lock"));
    for banned in ["rsa", "backoff", "serde_yml", "rustls-pemfile", "openssl", "openssl-sys", "native-tls"] {
        assert!(!lock.contains(&format!("name = \"{banned}\"\n")), "{banned} is in the lock file");
    }
}

#[test]
fn a_file_holds_one_idea() {
    for name in ROOMS.keys().filter(|name| *name != "userinfo-tests") {
        for (path, text) in sources(&room(name).join("src")) {
            let code = text.lines().count();
            assert!(code <= 400, "{} has {code} lines: name the second idea", path.display());
        }
    }
}

/// The words are in no line of a room's code; comments and tests may say what they like.
fn absent(room_name: &str, words: &[&str]) {
    for (path, text) in sources(&room(room_name).join("src")) {
        if path.components().any(|it| it.as_os_str() == "tests.rs" || it.as_os_str() == "tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for word in words {
                assert!(!line.contains(word), "{} says `{word}`: {line}", path.display());
            }
        }
    }
}
