//! A provider that obtains its token by itself: nobody notices, and nobody is hammered.

#![expect(clippy::missing_panics_doc, reason = "to panic is how a case fails")]

use std::{sync::Arc, time::Duration};

use userinfo_core::{Error, ErrorKind, Result, User, UserInfoProvider};
use userinfo_http::{CredentialStore, FileCredentials, MemoryCredentials, Transport};
use userinfo_sandbox::{Fault, Operation};

use crate::{
    Renewing, Wire,
    ask::{self, EVERYTHING},
    transports::SilentOnce,
};

/// As many as may well ask at once.
const MANY: usize = 100;

/// The first look-up logs in, and those after it do not.
pub async fn the_first_lookup_is_one_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    assert!(wire.sandbox().journal().is_empty(), "building a provider asks nothing");
    for _ in 0..3 {
        found(subject, wire, &*provider).await;
    }
    assert_eq!(asked(wire), ["login", "user", "user", "user"]);
}

/// However many ask at once, one login is made.
pub async fn a_storm_of_first_lookups_is_one_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    storm(subject, wire, &provider).await;
    assert_eq!(logins(wire), 1);
    assert_eq!(asked(wire).len(), 1 + MANY);
}

/// When its time is over, a token is replaced, and the caller gets the user.
pub async fn a_renewal_is_invisible(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    found(subject, wire, &*provider).await;
    wire.advance(subject.lifetime());
    found(subject, wire, &*provider).await;
    assert_eq!(asked(wire), ["login", "user", "login", "user"]);
}

/// A token that the vendor revoked costs one login and one more call, and the caller gets the user.
pub async fn a_revoked_token_is_one_login_and_one_more_call(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    found(subject, wire, &*provider).await;
    wire.sandbox().revoke_issued();
    found(subject, wire, &*provider).await;
    assert_eq!(asked(wire), ["login", "user", "user", "login", "user"]);
}

/// Calls that are refused at once with the same dead token share one login.
pub async fn a_storm_of_refused_lookups_is_one_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    found(subject, wire, &*provider).await;
    wire.sandbox().revoke_issued();
    storm(subject, wire, &provider).await;
    assert_eq!(logins(wire), 2);
}

/// Calls that find the token's time over at once share one login.
pub async fn a_storm_of_expired_lookups_is_one_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    found(subject, wire, &*provider).await;
    wire.advance(subject.lifetime());
    storm(subject, wire, &provider).await;
    assert_eq!(logins(wire), 2);
}

/// A token that is refused as soon as it was issued costs one login, and one more call.
pub async fn a_token_that_is_refused_at_once_is_one_more_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    wire.sandbox().fail_next_at(Operation::User, Fault::DeadToken);
    found(subject, wire, &*provider).await;
    assert_eq!(asked(wire), ["login", "user", "login", "user"]);
}

/// A vendor that refuses every token is asked for one more, and not for another at each look-up.
pub async fn tokens_that_are_all_refused_cost_no_more_than_one_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    found(subject, wire, &*provider).await;
    for _ in 0..5 {
        wire.sandbox().fail_next_at(Operation::User, Fault::DeadToken);
    }
    for _ in 0..4 {
        fails(subject, wire, &*provider, ErrorKind::Unauthenticated).await;
    }
    assert_eq!(asked(wire), ["login", "user", "user", "login", "user", "user", "user", "user"]);
    found(subject, wire, &*provider).await;
}

/// A login that fails is `Unavailable`, is not tried again at each look-up, and is tried again in time.
pub async fn a_login_outage_is_unavailable_and_not_hammered(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    wire.sandbox().fail_next_login(Fault::Unavailable);
    for _ in 0..5 {
        fails(subject, wire, &*provider, ErrorKind::Unavailable).await;
    }
    assert_eq!(asked(wire), ["login"]);
    wire.advance(Duration::from_secs(60));
    found(subject, wire, &*provider).await;
    assert_eq!(asked(wire), ["login", "login", "user"]);
}

/// While a token is good, a login that fails is nobody's business.
pub async fn a_login_outage_is_invisible_while_the_token_is_good(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    // A token that lies idle may die sooner than its time.
    for _ in 0..8 {
        found(subject, wire, &*provider).await;
        wire.advance(subject.lifetime().saturating_sub(Duration::from_secs(60)) / 8);
    }
    assert_eq!(logins(wire), 1);
    wire.sandbox().fail_next_login(Fault::Unavailable);
    found(subject, wire, &*provider).await;
    assert_eq!(logins(wire), 2);
}

/// A key that the vendor does not know, or no longer, is `Unauthenticated`; nothing else is asked.
pub async fn a_revoked_key_is_unauthenticated_and_not_hammered(subject: &dyn Renewing, wire: &Wire) {
    let provider = subject.misconfigured(wire, Arc::new(MemoryCredentials::new()));
    for _ in 0..5 {
        fails(subject, wire, &*provider, ErrorKind::Unauthenticated).await;
    }
    assert_eq!(asked(wire), ["login"]);
}

/// A key that one process found wrong is not tried by others, while a mended one is tried at once; a password that may
/// be weak is tried by each.
pub async fn a_wrong_key_is_tried_once_by_many_processes_and_a_mended_one_at_once(
    subject: &dyn Renewing,
    wire: &Wire,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = || Arc::new(FileCredentials::new(folder.path())) as Arc<dyn CredentialStore>;
    for _ in 0..3 {
        let wrong = subject.misconfigured(wire, store());
        fails(subject, wire, &*wrong, ErrorKind::Unauthenticated).await;
    }
    let tried = match subject.wrong_key_is_shared() {
        Ok(()) => 1,
        Err(why) => {
            assert!(why.len() >= 20, "say why no wrong key is shared, not {why:?}");
            3
        }
    };
    assert_eq!(asked(wire), vec!["login"; tried]);
    found(subject, wire, &*subject.provider(wire, store())).await;
    assert_eq!(asked(wire)[tried..], ["login", "user"]);
}

/// After a lock-out no login is tried, however much time passes.
pub async fn a_lock_out_at_login_is_final(subject: &dyn Renewing, wire: &Wire) {
    let kind = match subject.locked_out() {
        Ok(kind) => kind,
        Err(why) => return assert!(why.len() >= 20, "say why no login is locked out, not {why:?}"),
    };
    let provider = fresh(subject, wire);
    wire.sandbox().fail_next_login(Fault::LockedOut);
    for _ in 0..3 {
        fails(subject, wire, &*provider, kind).await;
        wire.advance(Duration::from_secs(86_400));
    }
    assert_eq!(asked(wire), ["login"]);
}

/// A lock-out that one process met keeps others from logging in, though not for good.
pub async fn a_lock_out_is_heeded_by_other_processes(subject: &dyn Renewing, wire: &Wire) {
    let Ok(kind) = subject.locked_out() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let process = || subject.provider(wire, Arc::new(FileCredentials::new(folder.path())));
    wire.sandbox().fail_next_login(Fault::LockedOut);
    for _ in 0..3 {
        fails(subject, wire, &*process(), kind).await;
    }
    // No lock that a vendor documents is shorter than twenty minutes, or longer than a day.
    wire.advance(Duration::from_secs(19 * 60));
    fails(subject, wire, &*process(), kind).await;
    assert_eq!(asked(wire), ["login"]);
    wire.advance(Duration::from_secs(25 * 60 * 60));
    found(subject, wire, &*process()).await;
    assert_eq!(asked(wire), ["login", "login", "user"]);
}

/// While a renewal hangs, look-ups go on with the token that is still good, and who gives up does not end it.
pub async fn a_login_that_hangs_in_the_last_minutes_is_nobodys_business(subject: &dyn Renewing, wire: &Wire) {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let provider = subject.provider(wire, Arc::clone(&store));
    // A token that lies idle may die sooner than its time.
    for _ in 0..8 {
        found(subject, wire, &*provider).await;
        wire.advance(subject.lifetime().saturating_sub(Duration::from_secs(60)) / 8);
    }
    let silent = SilentOnce::new(wire.transport());
    let late = subject.provider(&wire.through(|_| Arc::clone(&silent) as Arc<dyn Transport>), store);
    let lookup = subject.lookup(ask::person(wire, EVERYTHING));
    let renews = tokio::spawn({
        let late = Arc::clone(&late);
        async move { late.user(&lookup).await }
    });
    silent.entered().await;
    found(subject, wire, &*late).await;
    renews.abort();
    assert!(renews.await.is_err_and(|it| it.is_cancelled()), "the one who renews waits");
    found(subject, wire, &*late).await;
    assert!(!silent.is_left(), "the renewal ended with the look-up that began it");
    assert_eq!(logins(wire), 1);
}

/// A clock that jumps ahead costs one login.
pub async fn a_clock_that_jumps_ahead_costs_one_login(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    found(subject, wire, &*provider).await;
    wire.advance(100 * subject.lifetime());
    for _ in 0..3 {
        found(subject, wire, &*provider).await;
    }
    assert_eq!(asked(wire), ["login", "user", "login", "user", "user", "user"]);
}

/// What one process obtained, another one uses; a token that is over is not used by either.
pub async fn a_restart_finds_what_was_kept(subject: &dyn Renewing, wire: &Wire) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = || Arc::new(FileCredentials::new(folder.path())) as Arc<dyn CredentialStore>;
    for _ in 0..3 {
        found(subject, wire, &*subject.provider(wire, store())).await;
    }
    assert_eq!(asked(wire), ["login", "user", "user", "user"]);
    wire.advance(subject.lifetime());
    found(subject, wire, &*subject.provider(wire, store())).await;
    assert_eq!(logins(wire), 2);
}

/// Two that begin at once with a common store log in once.
pub async fn two_that_share_a_store_log_in_once(subject: &dyn Renewing, wire: &Wire) {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let [one, other] = [(); 2].map(|()| subject.provider(wire, Arc::clone(&store)));
    tokio::join!(found(subject, wire, &*one), found(subject, wire, &*other));
    assert_eq!(logins(wire), 1);
}

/// Neither key nor token is in `Debug`, in an error, or in what the sandbox was seen to note.
pub async fn nothing_secret_is_shown(subject: &dyn Renewing, wire: &Wire) {
    let provider = fresh(subject, wire);
    let before = format!("{provider:?}");
    found(subject, wire, &*provider).await;
    let after = format!("{provider:?}");
    wire.sandbox().revoke_issued();
    wire.sandbox().fail_next_login(Fault::EchoSecret);
    let outage = ask::no_user(look_up(subject, wire, &*provider).await, "a login that fails");
    let wrong = subject.misconfigured(wire, Arc::new(MemoryCredentials::new()));
    let refused = ask::no_user(look_up(subject, wire, &*wrong).await, "a wrong key");
    let errors = format!("{outage:?} {outage} {refused:?} {refused}");
    let shown = [before, after, errors, format!("{wrong:?} {:?}", wire.sandbox().journal())].concat();
    for secret in subject.secrets() {
        assert!(!shown.contains(secret.expose()), "a secret of {} letters is shown", secret.expose().len());
    }
    for start in ["QJWT ", "eyJ", "AT-"] {
        assert!(!shown.contains(start), "something that begins like a token, {start:?}, is shown");
    }
}

fn fresh(subject: &dyn Renewing, wire: &Wire) -> Arc<dyn UserInfoProvider> {
    subject.provider(wire, Arc::new(MemoryCredentials::new()))
}

async fn look_up(subject: &dyn Renewing, wire: &Wire, provider: &dyn UserInfoProvider) -> Result<User> {
    provider.user(&subject.lookup(ask::person(wire, EVERYTHING))).await
}

async fn found(subject: &dyn Renewing, wire: &Wire, provider: &dyn UserInfoProvider) {
    let outcome = look_up(subject, wire, provider).await;
    outcome.unwrap_or_else(|error| panic!("the user is not found: {error:?}"));
}

async fn fails(
    subject: &dyn Renewing,
    wire: &Wire,
    provider: &dyn UserInfoProvider,
    kind: ErrorKind,
) -> Error {
    let error = ask::no_user(look_up(subject, wire, provider).await, "no token");
    assert_eq!(error.kind(), kind, "{error:?}");
    error
}

async fn storm(subject: &dyn Renewing, wire: &Wire, provider: &Arc<dyn UserInfoProvider>) {
    let lookup = subject.lookup(ask::person(wire, EVERYTHING));
    let calls: Vec<_> = (0..MANY)
        .map(|_| {
            let (provider, lookup) = (Arc::clone(provider), lookup.clone());
            tokio::spawn(async move { provider.user(&lookup).await })
        })
        .collect();
    for call in calls {
        let outcome = call.await.expect("no panic");
        outcome.unwrap_or_else(|error| panic!("the user is not found: {error:?}"));
    }
}

/// What the vendor was asked so far, in order.
fn asked(wire: &Wire) -> Vec<&'static str> {
    wire.sandbox()
        .journal()
        .iter()
        .map(|it| it.operation().map_or("nothing known", Operation::name))
        .collect()
}

fn logins(wire: &Wire) -> usize {
    asked(wire).iter().filter(|it| **it == Operation::Login.name()).count()
}
