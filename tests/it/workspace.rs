//! What the tests know of the workspace: its folders, its packages, its sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde_json::Value;

/// The packages of this workspace with the packages of it that they need at run time.
pub(crate) static ROOMS: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let metadata: Value = serde_json::from_slice(&cargo(&["metadata", "--no-deps", "--format-version=1"]))
        .expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let own =
        |it: &Value| it["name"].as_str().filter(|name| name.starts_with("userinfo-")).map(str::to_owned);
    let needs = |package: &Value| {
        let all = package["dependencies"].as_array().into_iter().flatten();
        all.filter(|it| it["kind"].is_null()).filter_map(own).collect()
    };
    packages.iter().filter_map(|it| Some((own(it)?, needs(it)))).collect()
});

/// The rooms that are providers: what is left when every other room is named.
pub(crate) fn providers() -> Vec<&'static str> {
    let others = [
        "bench", "cli", "core", "examples", "gateway", "http", "layers", "sandbox", "sync", "testkit",
        "tests",
    ];
    let others = others.map(|it| format!("userinfo-{it}"));
    ROOMS.keys().filter(|it| !others.contains(it)).map(String::as_str).collect()
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}

/// The folder of a room: a crate, or what only uses the crates and stands beside them.
pub(crate) fn room(name: &str) -> PathBuf {
    let room = root().join("crates").join(name);
    if room.exists() { room } else { root().join(name.trim_start_matches("userinfo-")) }
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a folder, with its text.
pub(crate) fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push((path.clone(), read(&path)));
        }
    }
    found
}

/// The crates that a package needs to run, without itself.
pub(crate) fn tree(package: &str) -> BTreeSet<String> {
    let out = cargo(&["tree", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    let text = String::from_utf8(out).expect("UTF-8");
    let names = text.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty());
    names.filter(|name| *name != package).map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO")).args(arguments).arg("--locked").current_dir(root()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
