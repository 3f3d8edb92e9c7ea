//! Tokens that are kept for users who logged in.

use std::sync::Arc;

use serde_json::json;
use userinfo_alipay_plus::AlipayPlus;
use userinfo_core::{Brought, Demand, ErrorKind, Secret, SignIn as _};
use userinfo_http::{CredentialStore, MemoryCredentials};

use crate::{
    office::{Next, Office, TOKEN_PATH, USER_PATH, access, issued, page, refresh, refused},
    wallet::required,
};

const ID: &str = "1000001119398804xxxx";
const DAY: u64 = 24 * 3600;

fn token(turn: u32) -> Secret {
    access(turn).into()
}

async fn sign_in(provider: &AlipayPlus) {
    assert!(matches!(provider.demand().await, Ok(Demand::Code)));
    let signed_in = provider.sign_in(Brought::Code("hunter2-code".into())).await.expect("a login");
    assert_eq!(signed_in.user.expect("a user").id, ID);
    assert!(signed_in.expires_at.is_some() && signed_in.kept);
}

#[tokio::test]
async fn the_token_of_a_user_who_logged_in_is_kept_for_that_user_alone() {
    let office = Office::new([issued(1), page()]);
    let provider = office.provider();
    assert_eq!(provider.token_of(ID, None).await.expect("nobody logged in"), None);
    sign_in(&provider).await;
    assert_eq!(provider.token_of(ID, None).await.expect("a token"), Some(token(1)));
    assert_eq!(provider.token_of("1000001119398804xxxy", None).await.expect("nobody"), None);
    let kept = provider.kept(ID).await.expect("a store").expect("tokens");
    assert_eq!(kept.refresh_token, Some(refresh(1).into()));
    assert_eq!(office.paths(), [TOKEN_PATH, USER_PATH]);
}

#[tokio::test]
async fn a_token_that_is_over_or_was_refused_is_renewed_once() {
    let office = Office::new([issued(1), page(), issued(2)]);
    let provider = office.provider();
    sign_in(&provider).await;
    office.clock.advance(DAY - 1);
    assert_eq!(provider.token_of(ID, None).await.expect("a token"), Some(token(1)));
    office.clock.advance(1);
    assert_eq!(provider.token_of(ID, None).await.expect("a token"), Some(token(2)));
    assert_eq!(office.body(2)["refreshToken"], json!(refresh(1)));
    let kept = provider.kept(ID).await.expect("a store").expect("tokens");
    assert_eq!((kept.access_token, kept.refresh_token), (access(2).into(), Some(refresh(2).into())));
    assert_eq!(office.paths().len(), 3);
}

#[tokio::test]
async fn a_refused_token_gives_way_to_another_and_the_other_one_stays() {
    let office = Office::new([issued(1), page(), issued(2)]);
    let provider = office.provider();
    sign_in(&provider).await;
    for _ in 0..2 {
        assert_eq!(provider.token_of(ID, Some(&token(1))).await.expect("a token"), Some(token(2)));
    }
    assert_eq!(office.paths().len(), 3);
}

#[tokio::test]
async fn of_two_processes_one_gives_the_refresh_token_away() {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let office = Office::closed([issued(1), page(), issued(2)]);
    office.gate.add_permits(2);
    let [one, other] = [(); 2].map(|()| {
        let mut config = required();
        config.credentials = Arc::clone(&store);
        office.provider_of(config)
    });
    sign_in(&one).await;
    let refused = Some(token(1));
    let open = async {
        office.asked(3).await;
        office.gate.add_permits(1);
    };
    let (first, second, ()) =
        tokio::join!(one.token_of(ID, refused.as_ref()), other.token_of(ID, refused.as_ref()), open);
    assert_eq!((first.expect("a token"), second.expect("a token")), (Some(token(2)), Some(token(2))));
    assert_eq!(office.paths().len(), 3);
}

#[tokio::test]
async fn tokens_that_cannot_be_renewed_say_that_the_user_must_come_again() {
    let office = Office::new([
        Next::Signed(
            json!({"result": {"resultCode": "SUCCESS", "resultStatus": "S"}, "accessToken": access(1)}),
        ),
        page(),
    ]);
    let provider = office.provider();
    provider.sign_in(Brought::Code("c".into())).await.expect("a login");
    let error = provider.token_of(ID, Some(&token(1))).await.expect_err("over");
    assert_eq!((error.kind(), error.advice()), (ErrorKind::Unauthenticated, "let the user authorise again"));
    let office = Office::new([issued(1), page(), refused("EXPIRED_REFRESH_TOKEN")]);
    let provider = office.provider();
    sign_in(&provider).await;
    let error = provider.token_of(ID, Some(&token(1))).await.expect_err("over");
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (ErrorKind::Unauthenticated, Some("EXPIRED_REFRESH_TOKEN"))
    );
}

#[tokio::test]
async fn a_login_takes_a_code_and_nothing_else() {
    let office = Office::new([]);
    let error = office.provider().sign_in(Brought::Nothing).await.expect_err("no code");
    assert_eq!((error.kind(), office.paths().len()), (ErrorKind::InvalidInput, 0));
}
