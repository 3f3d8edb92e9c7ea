use bytes::Bytes;
use serde_json::json;

use super::*;

/// When a saved answer came.
const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn read(answer: &serde_json::Value) -> Option<UserTokens> {
    UserTokens::read(&Reply::saved(KIND, "applyToken", Bytes::from(answer.to_string())))
}

fn seconds(seconds: u64) -> Option<SystemTime> {
    NOW.checked_add(Duration::from_secs(seconds))
}

#[test]
fn an_end_is_read_in_every_form_that_wallets_give() {
    for (sent, end) in [
        (json!("2019-06-06T12:12:12+08:00"), seconds(1_559_794_332)),
        (json!("2019-06-06T04:12:12.000Z"), seconds(1_559_794_332)),
        (json!("1969-12-31T23:59:59Z"), NOW.checked_sub(Duration::from_secs(1))),
        (json!("3581"), seconds(3581)),
        (json!(3581), seconds(3581)),
        (json!("315360000"), seconds(315_360_000)),
    ] {
        let tokens = read(&json!({"accessToken": "a", "accessTokenExpiryTime": sent})).expect("tokens");
        assert_eq!((tokens.access_expires_at, tokens.refresh_expires_at), (end, None), "{sent}");
        let tokens = read(&json!({"accessToken": "a", "refreshTokenExpiryTime": sent})).expect("tokens");
        assert_eq!((tokens.access_expires_at, tokens.refresh_expires_at), (None, end), "{sent}");
    }
}

#[test]
fn an_end_that_cannot_be_read_is_unknown() {
    for sent in [
        json!(null),
        json!(""),
        json!("soon"),
        json!("0"),
        json!(0),
        json!(-1),
        json!("-3581"),
        json!("+3581"),
        json!(3581.5),
        json!("3581s"),
        json!(" 3581"),
        json!("２"),
        json!(true),
        json!({}),
        json!([3581]),
        // A time with no zone could be anywhere; these numbers are times too, in seconds and in milliseconds.
        json!("2019-06-06T12:12:12"),
        json!("2019-06-06"),
        json!("2019-13-06T12:12:12Z"),
        json!(1_704_859_932),
        json!("1704859932000"),
        json!("18446744073709551616"),
    ] {
        let answer =
            json!({"accessToken": "a", "accessTokenExpiryTime": sent, "refreshTokenExpiryTime": sent});
        let tokens = read(&answer).expect("tokens");
        assert_eq!((tokens.access_expires_at, tokens.refresh_expires_at), (None, None), "{sent}");
    }
}

/// Every cut of every form, and every character of some in place of every other.
#[test]
fn no_end_panics() {
    let forms = ["2019-06-06T12:12:12.123+08:00", "-009999-01-01T00:00:00Z", "99999999999999999999", "天P1Y"];
    for form in forms {
        let letters: Vec<_> = form.chars().collect();
        for at in 0..=letters.len() {
            let _ = expiry(&letters[..at].iter().collect::<String>(), NOW);
            for other in ['0', '9', '-', '+', ':', 'Z', '天', '\0', ' '] {
                let mut changed = letters.clone();
                changed.splice(at..(at + 1).min(letters.len()), [other]);
                let _ = expiry(&changed.iter().collect::<String>(), NOW);
            }
        }
    }
    for number in [0, 1, u64::MAX, 1 << 63, LONGEST_SECONDS, LONGEST_SECONDS + 1] {
        for now in [NOW, NOW + Duration::from_secs(253_402_300_799)] {
            let _ = expiry(&number.to_string(), now);
        }
    }
}

#[test]
fn without_an_access_token_that_could_be_sent_there_are_no_tokens() {
    for sent in [json!(null), json!(""), json!(7), json!({}), json!("a\nb"), json!("天".repeat(129))] {
        assert_eq!(read(&json!({"accessToken": sent, "refreshToken": "r"})), None, "{sent}");
    }
    assert_eq!(read(&json!([])), None);
    assert_eq!(read(&json!({"accessToken": "天".repeat(128)})), Some(UserTokens::new("天".repeat(128))));
}

#[test]
fn what_a_renewal_does_not_tell_stays() {
    let mut old = UserTokens::new("a1");
    old.access_expires_at = seconds(1);
    old.refresh_token = Some("r1".into());
    old.refresh_expires_at = seconds(9);
    old.customer_id = Some("7".to_owned());
    let new = old.renewed(UserTokens::new("a2")).expect("the same customer");
    assert_eq!((new.access_token.expose(), new.access_expires_at), ("a2", None));
    assert_eq!((&new.refresh_token, new.refresh_expires_at), (&old.refresh_token, seconds(9)));
    assert_eq!(new.customer_id.as_deref(), Some("7"));
    let issued = UserTokens { refresh_token: Some("r2".into()), ..UserTokens::new("a2") };
    let new = old.renewed(issued).expect("the same customer");
    assert_eq!((new.refresh_token, new.refresh_expires_at), (Some("r2".into()), None));
}

#[test]
fn tokens_of_another_customer_are_no_renewal() {
    let of = |id: &str| UserTokens { customer_id: Some(id.to_owned()), ..UserTokens::new("a") };
    assert_eq!(of("7").renewed(of("8")), None);
    assert!(of("7").renewed(of("7")).is_some() && UserTokens::new("a").renewed(of("8")).is_some());
}

#[test]
fn debug_shows_times_only() {
    let mut tokens = UserTokens::new("hunter2-a");
    tokens.refresh_token = Some("hunter2-r".into());
    tokens.customer_id = Some("hunter2-id".to_owned());
    let shown = format!("{tokens:?}");
    assert!(shown.contains("access_expires_at") && !shown.contains("hunter2"), "{shown}");
}
