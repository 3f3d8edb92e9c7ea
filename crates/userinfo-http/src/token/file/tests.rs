use super::*;

fn credential(token: &str) -> Credential {
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    Credential::new(token, at).lasting(Duration::from_secs(3600))
}

fn refusal() -> Refusal {
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    Refusal::new(userinfo_core::ErrorKind::LockedOut, "locked \"\\ 天", at, at + Duration::from_secs(1200))
}

fn store() -> (tempfile::TempDir, FileCredentials, CredentialName) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = FileCredentials::new(folder.path().join("a").join("b"));
    (folder, store, CredentialName::new("acme", &["1"]))
}

#[tokio::test]
async fn a_credential_survives_the_process_exactly() {
    let (_folder, store, name) = store();
    assert_eq!(store.load(&name).await.expect("read"), None);
    let accepted = Credential { accepted: true, ..credential("three") };
    let refreshed = Credential { refresh_token: Some("r".into()), ..credential("four") };
    let until = refreshed.issued_at.checked_add(Duration::from_millis(7));
    let ending = Credential { refresh_expires_at: until, ..refreshed.clone() };
    let odd = Credential::new("two \"\\ 天", SystemTime::UNIX_EPOCH);
    for credential in [accepted, credential("one"), odd, refreshed, ending] {
        store.save(&name, &credential).await.expect("saved");
        let other = FileCredentials::new(&store.folder);
        assert_eq!(other.load(&name).await.expect("read"), Some(credential));
    }
    assert_eq!(store.load(&CredentialName::new("acme", &["2"])).await.expect("read"), None);
}

#[tokio::test]
async fn a_credential_that_is_removed_is_gone_and_no_other_is() {
    let (_folder, files, name) = store();
    let other = CredentialName::new("acme", &["2"]);
    let stores: [&dyn CredentialStore; 2] = [&files, &crate::MemoryCredentials::new()];
    for store in stores {
        store.remove(&name).await.expect("nothing to remove");
        store.save(&name, &credential("one")).await.expect("saved");
        store.save(&other, &credential("other")).await.expect("saved");
        store.save_refusal(&name, &refusal()).await.expect("saved");
        store.remove(&name).await.expect("removed");
        assert_eq!(store.load(&name).await.expect("read"), None);
        assert!(store.load(&other).await.expect("read").is_some());
        assert!(store.load_refusal(&name).await.expect("read").is_some());
    }
    assert!(!files.file(&name).exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_that_cannot_be_removed_is_an_error() {
    let (_folder, store, name) = store();
    fs::create_dir_all(store.file(&name)).expect("a folder in its place");
    assert!(store.remove(&name).await.is_err());
}

#[tokio::test]
async fn a_refusal_survives_the_process_exactly_until_it_is_removed() {
    let (_folder, store, name) = store();
    store.remove_refusal(&name).await.expect("nothing to remove");
    assert_eq!(store.load_refusal(&name).await.expect("read"), None);
    let coded = Refusal { vendor_code: Some("5147".to_owned()), ..refusal() };
    let about_a_key = Refusal { fingerprint: Some("f".to_owned()), ..refusal() };
    for refusal in [coded, about_a_key, refusal()] {
        store.save_refusal(&name, &refusal).await.expect("saved");
        let other = FileCredentials::new(&store.folder);
        assert_eq!(other.load_refusal(&name).await.expect("read"), Some(refusal));
    }
    store.save(&name, &credential("one")).await.expect("saved");
    assert!(store.load_refusal(&name).await.expect("read").is_some());
    store.remove_refusal(&name).await.expect("removed");
    assert_eq!(store.load_refusal(&name).await.expect("read"), None);
    assert!(store.load(&name).await.expect("read").is_some());
}

#[tokio::test]
async fn a_refusal_that_is_broken_or_open_to_others_is_an_error() {
    let (_folder, store, name) = store();
    store.save_refusal(&name, &refusal()).await.expect("saved");
    let whole = fs::read_to_string(store.refusal_file(&name)).expect("text");
    let odd_key = whole.replacen('{', "{\"fingerprint\":5,", 1);
    for text in ["", "{}", &odd_key, &whole.replace("locked_out", "odd"), &whole.replace("null", "5")] {
        fs::write(store.refusal_file(&name), text).expect("written");
        assert!(store.load_refusal(&name).await.is_err(), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::write(store.refusal_file(&name), whole).expect("written");
        fs::set_permissions(store.refusal_file(&name), fs::Permissions::from_mode(0o620)).expect("chmod");
        assert!(store.load_refusal(&name).await.is_err());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_what_is_kept_and_nothing_else_is_left() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_folder, store, name) = store();
    let lock = store.lock(&name).await.expect("locked");
    store.save(&name, &credential("hunter2")).await.expect("saved");
    store.save_refusal(&name, &refusal()).await.expect("saved");
    drop(lock);
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&store.folder), 0o700);
    let mut files: Vec<_> =
        fs::read_dir(&store.folder).expect("a folder").map(|it| it.expect("a file").path()).collect();
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
        assert!(!file.to_string_lossy().contains("hunter2"));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_folder, store, name) = store();
    store.save(&name, &credential("hunter2")).await.expect("saved");
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(store.file(&name), fs::Permissions::from_mode(mode)).expect("chmod");
        let error = store.load(&name).await.expect_err("open to others");
        assert!(error.to_string().contains("chmod"), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_broken_is_an_error_that_shows_none_of_it() {
    let (_folder, store, name) = store();
    store.save(&name, &credential("hunter2")).await.expect("saved");
    for text in [
        "",
        "hunter2",
        "{\"token\":\"hunter2\"}",
        "{\"token\":\"\",\"issued_at_ms\":1,\"expires_at_ms\":null,\"accepted\":true}",
        "{\"token\":\"hunter2\",\"issued_at_ms\":-1,\"expires_at_ms\":null,\"accepted\":true}",
        "{\"token\":\"hunter2\",\"issued_at_ms\":1,\"expires_at_ms\":\"2\",\"accepted\":true}",
        "{\"token\":\"hunter2\",\"issued_at_ms\":1,\"expires_at_ms\":null}",
        "{\"token\":\"hunter2\",\"issued_at_ms\":1,\"expires_at_ms\":null,\"accepted\":true,\"refresh_token\":1}",
        "{\"token\":\"hunter2\",\"issued_at_ms\":1,\"expires_at_ms\":null,\"accepted\":true,\"refresh_token\":\"r\"}",
    ] {
        fs::write(store.file(&name), text).expect("written");
        let error = store.load(&name).await.expect_err(text);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn what_a_killed_process_left_unfinished_is_swept_and_nothing_else() {
    let (_folder, store, name) = store();
    store.save(&CredentialName::new("acme", &["2"]), &credential("other")).await.expect("saved");
    let now = SystemTime::now();
    let minute = Duration::from_secs(60);
    let (old, young) = (".userinfo-new-old", ".userinfo-new-young");
    let aliens = [".new-alien", ".userinfo-alien", "userinfo-new-alien"];
    let dated = [(old, 61 * minute), (young, 59 * minute)];
    for (file, age) in dated.into_iter().chain(aliens.map(|it| (it, 61 * minute))) {
        let file = File::create(store.folder.join(file)).expect("made");
        file.set_modified(now - age).expect("dated");
    }
    let dated = File::options().write(true).open(store.file(&CredentialName::new("acme", &["2"])));
    dated.expect("opened").set_modified(now - 61 * minute).expect("dated");
    store.save(&name, &credential("one")).await.expect("saved");
    let exists = |file: &str| store.folder.join(file).exists();
    assert!(!exists(old) && exists(young) && aliens.into_iter().all(exists));
    assert_eq!(fs::read_dir(&store.folder).expect("a folder").count(), 6);
}

#[tokio::test(start_paused = true)]
async fn who_comes_second_waits_for_the_first_and_not_for_ever() {
    let (_folder, store, name) = store();
    let other = FileCredentials::new(&store.folder);
    let lock = store.lock(&name).await.expect("locked");
    // Another name is another lock.
    drop(other.lock(&CredentialName::new("acme", &["2"])).await.expect("free"));
    let begin = tokio::time::Instant::now();
    let error = other.lock(&name).await.err().expect("locked by the first");
    assert_eq!((error.kind(), begin.elapsed()), (io::ErrorKind::TimedOut, PATIENCE));
    let waits = tokio::spawn(async move { other.lock(&name).await.is_ok() });
    tokio::time::sleep(3 * PAUSE).await;
    assert!(!waits.is_finished());
    drop(lock);
    assert!(waits.await.expect("no panic"));
}

#[tokio::test]
async fn debug_shows_the_folder_alone() {
    let (_folder, store, name) = store();
    store.save(&name, &credential("hunter2")).await.expect("saved");
    assert!(!format!("{store:?} {name:?}").contains("hunter2"));
}
