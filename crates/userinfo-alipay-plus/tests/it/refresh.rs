//! Refresh tokens are good once: one refresh at a time, and none twice.

use std::sync::Arc;

use serde_json::json;
use userinfo_core::{ErrorKind, Retry};
use userinfo_http::TransportErrorKind;

use crate::office::{
    Next, Office, TOKEN_PATH, USER_PATH, access, issued, page, refresh, refused, result, tokens,
};

#[tokio::test]
async fn two_who_come_at_once_cause_one_refresh_and_both_get_what_it_gave() {
    let office = Office::closed([issued(2)]);
    let (one, other) = (office.provider(), tokens(1));
    let clone = one.clone();
    let open = async {
        office.asked(1).await;
        office.gate.add_permits(1);
    };
    let (first, second, ()) = tokio::join!(one.refresh(&other), clone.refresh(&other), open);
    let (first, second) = (first.expect("tokens"), second.expect("tokens"));
    assert_eq!((first.access_token.expose(), &first), (access(2).as_str(), &second));
    assert_eq!(office.paths(), [TOKEN_PATH]);
}

#[tokio::test]
async fn whoever_comes_within_a_minute_gets_the_same_and_after_it_the_wallet_is_asked() {
    let office = Office::new([issued(2), refused("USED_REFRESH_TOKEN")]);
    let provider = office.provider();
    let first = provider.refresh(&tokens(1)).await.expect("tokens");
    office.clock.advance(59);
    assert_eq!(provider.refresh(&tokens(1)).await.expect("the same"), first);
    assert_eq!(office.paths().len(), 1);
    office.clock.advance(1);
    let error = provider.refresh(&tokens(1)).await.expect_err("used");
    assert_eq!(error.vendor_code(), Some("USED_REFRESH_TOKEN"));
}

#[tokio::test]
async fn a_refresh_that_failed_is_no_answer_for_whoever_comes_later() {
    let office = Office::new([Next::Broken(TransportErrorKind::Connect), issued(2)]);
    let provider = office.provider();
    provider.refresh(&tokens(1)).await.expect_err("no connection");
    provider.refresh(&tokens(1)).await.expect("tokens");
}

#[tokio::test]
async fn whoever_waits_for_a_refresh_that_fails_gets_its_error() {
    let office = Office::closed([Next::Broken(TransportErrorKind::Timeout)]);
    let (provider, old) = (office.provider(), tokens(1));
    let open = async {
        office.asked(1).await;
        office.gate.add_permits(1);
    };
    let (first, second, ()) = tokio::join!(provider.refresh(&old), provider.refresh(&old), open);
    for error in [first.expect_err("late"), second.expect_err("late")] {
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Never));
    }
}

#[tokio::test]
async fn one_user_is_refreshed_at_a_time_and_two_users_at_once() {
    let office = Office::closed([issued(2), issued(3), issued(4)]);
    let provider = office.provider();
    let (same, mut other) = (tokens(7), tokens(8));
    other.customer_id = None;
    let first = tokens(1);
    let open = async {
        // The second one of the same user waits; the other user does not.
        office.asked(2).await;
        office.gate.add_permits(2);
        office.asked(3).await;
        office.gate.add_permits(1);
    };
    let (one, two, three, ()) =
        tokio::join!(provider.refresh(&first), provider.refresh(&same), provider.refresh(&other), open);
    one.and(two).and(three).expect("three refreshes");
    assert_eq!(office.body(2)["refreshToken"], refresh(7));
}

#[tokio::test]
async fn a_refresh_that_nobody_waits_for_comes_to_its_end() {
    let office = Office::closed([issued(2)]);
    let provider = office.provider();
    let task = tokio::spawn({
        let provider = provider.clone();
        async move { provider.refresh(&tokens(1)).await }
    });
    office.asked(1).await;
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    office.gate.add_permits(1);
    // Though nobody waits.
    office.answered(1).await;
    let new = provider.refresh(&tokens(1)).await.expect("what was obtained");
    assert_eq!((new.access_token.expose(), office.paths().len()), (access(2).as_str(), 1));
}

#[tokio::test]
async fn the_same_refresh_token_may_come_again() {
    let mut again = json!({"result": {"resultStatus": "S"}, "accessToken": access(2)});
    again["refreshToken"] = json!(refresh(1));
    let office = Office::new([Next::Signed(again)]);
    let new = office.provider().refresh(&tokens(1)).await.expect("tokens");
    assert_eq!(new.refresh_token, Some(refresh(1).into()));
    assert_eq!(new.customer_id, tokens(1).customer_id);
}

#[tokio::test]
async fn without_a_refresh_token_the_user_must_authorise_again() {
    let office = Office::new([refused("EXPIRED_ACCESS_TOKEN")]);
    let mut kept = tokens(1);
    kept.refresh_token = None;
    let error = office.provider().refresh(&kept).await.expect_err("no token");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unauthenticated, Retry::Never));
    assert!(error.advice().contains("authorise again"));
    assert!(office.paths().is_empty());
    let error = office.provider().user_of(&mut kept).await.expect_err("expired");
    assert_eq!(error.vendor_code(), Some("EXPIRED_ACCESS_TOKEN"));
    assert_eq!(office.paths(), [USER_PATH]);
}

#[tokio::test]
async fn new_tokens_of_another_customer_are_a_mismatch() {
    let mut kept = tokens(1);
    kept.customer_id = Some("7".to_owned());
    let error = Office::new([issued(2)]).provider().refresh(&kept).await.expect_err("another");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::IdMismatch, Retry::Never));
}

#[tokio::test]
async fn tokens_that_are_good_are_not_renewed() {
    let office = Office::new([page()]);
    let mut kept = tokens(1);
    let user = office.provider().user_of(&mut kept).await.expect("a user");
    assert_eq!((user.id.as_str(), kept), ("1000001119398804xxxx", tokens(1)));
    assert_eq!(office.paths(), [USER_PATH]);
}

#[tokio::test]
async fn a_dead_access_token_is_renewed_once_and_the_look_up_made_once_more() {
    for code in ["INVALID_ACCESS_TOKEN", "EXPIRED_ACCESS_TOKEN"] {
        let office = Office::new([refused(code), issued(2), page()]);
        let mut kept = tokens(1);
        office.provider().user_of(&mut kept).await.expect("a user");
        assert_eq!(kept.access_token.expose(), access(2));
        assert_eq!(office.paths(), [USER_PATH, TOKEN_PATH, USER_PATH]);
        assert_eq!(office.body(2)["accessToken"], access(2));
    }
}

#[tokio::test]
async fn there_is_no_second_renewal() {
    let dead = || refused("INVALID_ACCESS_TOKEN");
    let office = Office::new([dead(), issued(2), dead()]);
    let mut kept = tokens(1);
    let error = office.provider().user_of(&mut kept).await.expect_err("dead again");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(office.paths().len(), 3);
    assert_eq!(
        kept.refresh_token,
        Some(refresh(2).into()),
        "the new tokens are kept where the look-up fails"
    );
}

#[tokio::test]
async fn nothing_but_a_dead_access_token_causes_a_renewal() {
    let unsigned = json!({"result": {"resultCode": "EXPIRED_ACCESS_TOKEN", "resultStatus": "F"}});
    for next in [
        refused("INVALID_CLIENT"),
        refused("EXPIRED_AGENT_TOKEN"),
        refused("ACCESS_DENIED"),
        Next::Signed(result("UNKNOWN_EXCEPTION", "U")),
        Next::Signed(result("EXPIRED_ACCESS_TOKEN", "A")),
        Next::Unsigned(200, unsigned.clone()),
        Next::Unsigned(401, unsigned),
        Next::Broken(TransportErrorKind::Timeout),
    ] {
        let office = Office::new([next]);
        let mut kept = tokens(1);
        office.provider().user_of(&mut kept).await.expect_err("a failure");
        assert_eq!((office.paths().len(), kept), (1, tokens(1)));
    }
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_tokens_and_is_the_error() {
    let office = Office::new([refused("EXPIRED_ACCESS_TOKEN"), refused("EXPIRED_REFRESH_TOKEN")]);
    let mut kept = tokens(1);
    let error = office.provider().user_of(&mut kept).await.expect_err("both are over");
    assert_eq!((error.vendor_code(), kept), (Some("EXPIRED_REFRESH_TOKEN"), tokens(1)));
}

#[tokio::test]
async fn another_user_than_the_customer_is_a_mismatch() {
    let office = Office::new([page()]);
    let mut kept = tokens(1);
    kept.customer_id = Some("7".to_owned());
    let error = office.provider().user_of(&mut kept).await.expect_err("another");
    assert_eq!(error.kind(), ErrorKind::IdMismatch);
}

#[tokio::test]
async fn cancelled_tokens_are_not_given_out_again() {
    let cancelled = Next::Signed(result("SUCCESS", "S"));
    let office = Office::new([issued(2), cancelled, refused("USED_REFRESH_TOKEN")]);
    let provider = office.provider();
    let new = provider.refresh(&tokens(1)).await.expect("tokens");
    provider.cancel(&new).await.expect("cancelled");
    provider.refresh(&tokens(1)).await.expect_err("not what was cancelled");
    assert_eq!(office.paths().len(), 3);
}

#[test]
fn it_refreshes_without_a_runtime_too() {
    let office = Office::new([issued(2)]);
    let (provider, old) = (office.provider(), tokens(1));
    let mut call = Box::pin(provider.refresh(&old));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut context).is_ready());
    drop(call);
    drop(provider);
    assert_eq!(Arc::strong_count(&office), 1, "nothing holds the transport any more");
}
