//! The README's tables are what the descriptors say.

use std::{fmt::Write as _, process::Command, sync::Arc};

use userinfo_core::{Descriptor, Factory, LookupKind, User};
use userinfo_sandbox::{Sandbox, Server};

use crate::workspace::{read, root};

fn descriptors() -> Vec<&'static Descriptor> {
    let factories = [
        userinfo_quectel::factory(),
        userinfo_alipay_plus::factory(),
        userinfo_anqicms::factory(),
        userinfo_tianyin::factory(),
    ];
    factories.iter().map(Factory::descriptor).collect()
}

#[test]
fn the_example_is_a_program_that_runs() {
    let program = read(root().join("tests/readme.rs"));
    let (_, program) = program.split_once("\n\n").expect("a line of documentation, then the program");
    assert!(
        read(root().join("README.md")).contains(&format!("```rust\n{program}```\n")),
        "README.md differs"
    );
    assert!(program.lines().filter(|line| !line.is_empty()).count() <= 17, "short enough to read");

    let sandbox = Arc::new(Sandbox::new());
    let token = sandbox.person("everything").expect("a seeded person").anqicms_token();
    let server = Server::bind(sandbox, "127.0.0.1:0").expect("a free port").spawn().expect("a thread");
    let mut example = Command::new(env!("CARGO_BIN_EXE_readme"));
    example.env("SITE", format!("{}/anqicms", server.url())).env("TOKEN", token);
    let output = example.output().expect("the example starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1000 is Robin Q. Sample\n");
}

#[test]
fn the_table_of_providers_is_true() {
    let mut table = "| crate | `kind` | vendor page | look-ups |\n|---|---|---|---|\n".to_owned();
    for it in descriptors() {
        let lookups: Vec<_> = it.lookups.iter().copied().map(LookupKind::as_str).collect();
        let Descriptor { kind, vendor, docs, .. } = it;
        let lookups = lookups.join(", ");
        writeln!(table, "| `userinfo-{kind}` | `{kind}` | [{vendor}]({docs}) | {lookups} |")
            .expect("a string grows");
    }
    holds("providers", &table);
}

#[test]
fn the_table_of_fields_is_true() {
    let descriptors = descriptors();
    let mut table = "| field |".to_owned();
    for it in &descriptors {
        write!(table, " {} |", it.kind).expect("a string grows");
    }
    writeln!(table, "\n|---{}|", "|---".repeat(descriptors.len())).expect("a string grows");
    let fields = User::FIELDS.into_iter().filter(|it| !matches!(*it, "provider" | "masked"));
    for field in fields {
        write!(table, "| `{field}` |").expect("a string grows");
        for it in &descriptors {
            let row = it.fields.iter().find(|row| row.name == field);
            let mut names = Vec::new();
            for name in row.into_iter().flat_map(|row| row.sources).map(|it| wire_name(it.path)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let text = match names.as_slice() {
                names if names.len() > 4 => format!("{} and {} more", code(&names[..3]), names.len() - 3),
                names => code(names),
            };
            write!(table, " {text} |").expect("a string grows");
        }
        table.push('\n');
    }
    holds("fields", &table);
}

/// The member's name, without the way to it.
fn wire_name(path: &'static str) -> &'static str {
    path.rsplit('/').find(|step| *step != "*").unwrap_or_default()
}

fn code(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Between its marks the README says exactly this.
fn holds(mark: &str, table: &str) {
    let readme = read(root().join("README.md"));
    let (begin, end) = (format!("<!-- {mark}: begin -->\n"), format!("<!-- {mark}: end -->"));
    let from = readme.find(&begin).expect("the mark") + begin.len();
    let to = from + readme[from..].find(&end).expect("the other mark");
    assert!(readme[from..to] == *table, "README.md must say between the marks `{mark}`:\n{table}");
}
