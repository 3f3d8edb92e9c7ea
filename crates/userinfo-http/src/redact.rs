//! Blanks the secrets of a call wherever the vendor repeats them.

use bytes::Bytes;
use memchr::memmem;
use userinfo_core::Secret;

/// What stands where a secret stood; plain ASCII, so that JSON stays JSON.
const BLANK: &[u8] = b"[secret]";

/// Shorter values are no secrets, and would blank innocent text.
const SHORTEST: usize = 6;

/// Blanks `secrets` in `body`; the same buffer comes back where there is nothing to blank.
pub(crate) fn blank<'a>(body: Bytes, secrets: impl IntoIterator<Item = &'a Secret>) -> Bytes {
    secrets.into_iter().fold(body, |body, secret| blank_one(body, secret.expose().as_bytes()))
}

fn blank_one(body: Bytes, secret: &[u8]) -> Bytes {
    if secret.len() < SHORTEST || memmem::find(&body, secret).is_none() {
        return body;
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut from = 0;
    for at in memmem::find_iter(&body, secret) {
        clean.extend_from_slice(&body[from..at]);
        clean.extend_from_slice(BLANK);
        from = at + secret.len();
    }
    clean.extend_from_slice(&body[from..]);
    clean.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_repeat_of_a_secret_is_blanked_and_nothing_else_is_copied() {
        let body = Bytes::from_static(b"a hunter2 b hunter2");
        assert_eq!(blank(body.clone(), [&"hunter2".into()]), "a [secret] b [secret]");
        assert_eq!(blank(body.clone(), [&"absent-secret".into()]).as_ptr(), body.as_ptr());
        assert_eq!(blank(body.clone(), [&"a".into()]), body);
    }
}
