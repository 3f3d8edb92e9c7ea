//! The list of cases is whole, and so is the contract.

use std::{collections::BTreeSet, fs};

use userinfo_testkit::CASES;

const README: &str = include_str!("../../README.md");
const CONTRACT: &str = include_str!("../../../userinfo-core/src/provider.rs");

#[test]
fn every_public_function_of_the_cases_is_in_the_list() {
    let mut written = Vec::new();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cases")).expect("the cases") {
        let source = fs::read_to_string(file.expect("a file").path()).expect("text");
        let names = source.lines().filter_map(|it| it.strip_prefix("pub async fn "));
        written.extend(names.filter_map(|it| it.split('(').next().map(str::to_owned)));
    }
    written.sort();
    let mut listed: Vec<_> = CASES.iter().map(|it| it.name.to_owned()).collect();
    listed.sort();
    assert_eq!(written, listed);
}

#[test]
fn every_case_of_renewal_is_in_its_list() {
    let read = |name: &str| {
        fs::read_to_string(format!("{}/src/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file")
    };
    let (cases, list) = (read("renewal/cases.rs"), read("renewal.rs"));
    let names = cases.lines().filter_map(|it| it.strip_prefix("pub async fn ")?.split('(').next());
    let missing: Vec<_> = names.clone().filter(|name| !list.contains(&format!(" {name},\n"))).collect();
    assert!(missing.is_empty() && names.count() >= 17, "{missing:?}");
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let names: BTreeSet<_> = CASES.iter().map(|it| it.name).collect();
    assert_eq!(names.len(), CASES.len());
    assert!(names.len() >= 40, "{}", names.len());
}

#[test]
fn every_line_of_the_contract_has_its_cases_in_the_readme() {
    let (_, after) = CONTRACT.split_once("/// # Contract").expect("the contract stands on the trait");
    let (contract, _) = after.split_once("#[async_trait]").expect("the trait follows");
    let text = contract
        .replace("///", " ")
        .replace("(crate::ErrorKind::", "(")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let lines: Vec<_> = text.split(" - ").skip(1).map(without_links).collect();
    assert!(lines.len() >= 13, "{lines:#?}");
    for line in lines {
        let row = README.lines().find(|it| it.starts_with(&format!("| {line} |")));
        let row = row.unwrap_or_else(|| panic!("the README has no row for: {line}"));
        let named: Vec<_> = row.split('`').filter(|it| it.contains('_') && !it.contains(' ')).collect();
        assert!(!named.is_empty(), "{line}");
        for name in named {
            assert!(CASES.iter().any(|it| it.name == name), "there is no case {name}");
        }
    }
}

/// Takes the addresses of links away: [`A`](b) becomes `A`.
fn without_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        text.push_str(before);
        let (word, after) = link.split_once(']').expect("a link ends");
        text.push_str(word);
        rest = after.strip_prefix('(').and_then(|it| it.split_once(')')).map_or(after, |(_, it)| it);
    }
    text + rest
}
