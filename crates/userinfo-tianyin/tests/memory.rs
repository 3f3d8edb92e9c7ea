//! How much memory one answer may cost; alone in its process, since it watches the whole of it.

#![cfg(target_os = "linux")]

/// The most that this process ever used at once, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("procfs");
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn an_answer_of_many_small_rows_costs_a_small_multiple_of_its_size() {
    let before = peak();
    let rows = r#"{"a":0},"#.repeat(130_000);
    let body = format!(r#"{{"code":200,"data":{{"userId":"1","orgList":[{rows}{{}}]}}}}"#);
    let user = userinfo_tianyin::replay(body.as_bytes()).expect("a user");
    assert!(user.organizations.is_empty() && user.extra.get("orgList").is_some());
    let cost = peak() - before;
    assert!(cost < 32 * 1024, "{cost} KiB for an answer of {} KiB", body.len() / 1024);
}
