//! A merchant's server that logs mini-program users in: a wallet's code in, a session out.
//!
//! | request | answer |
//! |---|---|
//! | `POST /login` `{"auth_code":"…"}` | 200 `{"id":"…","name":"…"}` and the cookie of a session |
//! | the same with a code that is used up or too old | 401 `{"error":"authorise_again"}` |
//! | the wallet does not know what became of it (`U`), or cannot be reached | 503 `{"error":"try_later"}`, with a new code |
//! | the wallet's answer is not signed as it should be, or is about somebody else | 502 `{"error":"wallet_not_trusted"}` |
//! | `GET /me` with the cookie | 200 `{"id":"…","name":"…"}`, asked of the wallet anew; 401 without a session |
//! | `POST /logout` with the cookie | 204; the wallet's tokens are cancelled |

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use userinfo_alipay_plus::{AlipayPlus, UserTokens};
use userinfo_core::{Error, ErrorKind, Secret, User};

/// The server, for any listener.
pub fn app(wallet: AlipayPlus) -> Router {
    let state = Shop { wallet, sessions: Arc::default() };
    Router::new()
        .route("/login", post(log_in))
        .route("/me", get(me))
        .route("/logout", post(log_out))
        .with_state(state)
}

/// What every request has at hand. A real shop keeps its sessions in a database, tokens encrypted, and ends old ones.
#[derive(Clone, Debug)]
struct Shop {
    wallet: AlipayPlus,
    sessions: Arc<Mutex<Sessions>>,
}

/// The tokens of each session; the lock of one is held while they are renewed, so that no renewal is lost.
type Sessions = HashMap<String, Arc<Mutex<UserTokens>>>;

#[derive(Deserialize)]
struct Login {
    auth_code: String,
}

#[derive(Serialize)]
struct Profile {
    id: String,
    name: Option<String>,
}

/// A failure, as the mini program is told it. The wallet's words are for the log alone.
struct Refusal(StatusCode, &'static str);

async fn log_in(State(shop): State<Shop>, Json(login): Json<Login>) -> Result<Response, Refusal> {
    let (user, tokens) = shop.wallet.login(&Secret::new(login.auth_code)).await?;
    let session = session_id().ok_or(Refusal(StatusCode::INTERNAL_SERVER_ERROR, "no_randomness"))?;
    shop.sessions.lock().await.insert(session.clone(), Arc::new(Mutex::new(tokens)));
    let cookie = format!("session={session}; Path=/; HttpOnly; Secure; SameSite=Lax");
    Ok(([(header::SET_COOKIE, cookie)], Json(profile(&user))).into_response())
}

async fn me(State(shop): State<Shop>, headers: HeaderMap) -> Result<Json<Profile>, Refusal> {
    let tokens = shop.sessions.lock().await.get(session(&headers)).cloned();
    let tokens = tokens.ok_or(Refusal(StatusCode::UNAUTHORIZED, "no_session"))?;
    let user = shop.wallet.user_of(&mut *tokens.lock().await).await?;
    Ok(Json(profile(&user)))
}

async fn log_out(State(shop): State<Shop>, headers: HeaderMap) -> Result<Response, Refusal> {
    let tokens = shop.sessions.lock().await.get(session(&headers)).cloned();
    let tokens = tokens.ok_or(Refusal(StatusCode::UNAUTHORIZED, "no_session"))?;
    match shop.wallet.cancel(&*tokens.lock().await).await {
        // Tokens that are over need no cancelling.
        Err(error) if error.kind() != ErrorKind::Unauthenticated => return Err(error.into()),
        _ => {}
    }
    shop.sessions.lock().await.remove(session(&headers));
    Ok(([(header::SET_COOKIE, "session=; Path=/; Max-Age=0")], StatusCode::NO_CONTENT).into_response())
}

fn profile(user: &User) -> Profile {
    Profile { id: user.id.clone(), name: user.display_name.clone() }
}

/// 128 bits that nobody can guess.
fn session_id() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn session(headers: &HeaderMap) -> &str {
    let cookies = headers.get(header::COOKIE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let mut pairs = cookies.split(';').filter_map(|it| it.trim().split_once('='));
    pairs.find(|(name, _)| *name == "session").map_or("", |(_, value)| value)
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        use ErrorKind as Kind;

        // One line without secrets and personal data: kind, the wallet's code, and what to do.
        #[expect(clippy::print_stderr, reason = "a small program logs to stderr")]
        {
            eprintln!("login-callback: {error}; {}", error.advice());
        }
        match error.kind() {
            Kind::Unauthenticated => Self(StatusCode::UNAUTHORIZED, "authorise_again"),
            Kind::InvalidInput => Self(StatusCode::BAD_REQUEST, "not_a_code"),
            Kind::Signature | Kind::Protocol | Kind::IdMismatch => {
                Self(StatusCode::BAD_GATEWAY, "wallet_not_trusted")
            }
            Kind::Unavailable | Kind::Timeout | Kind::Transport | Kind::RateLimited => {
                Self(StatusCode::SERVICE_UNAVAILABLE, "try_later")
            }
            _ => Self(StatusCode::FORBIDDEN, "refused_by_wallet"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(serde_json::json!({ "error": self.1 }))).into_response()
    }
}
