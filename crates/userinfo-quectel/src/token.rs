use userinfo_core::Secret;

/// What every token begins with, as it is issued and as it is sent; the vendor never writes `Bearer`.
///
/// <https://iot-docs.acceleronix.io/saasDevelop/OpenAPI/>
const SCHEME: &str = "QJWT ";

/// The value of `Authorization`.
pub(crate) struct Token {
    /// The token as issued, its scheme included.
    pub(crate) whole: Secret,
    /// The token without its scheme.
    pub(crate) bare: Secret,
}

impl Token {
    /// Reads a token with or without its scheme; the error says what is wrong with it.
    pub(crate) fn read(given: &Secret) -> Result<Self, &'static str> {
        let text = given.expose();
        let (scheme, bare) = text.split_at_checked(SCHEME.len()).unwrap_or_default();
        let bare = if scheme.eq_ignore_ascii_case(SCHEME) { bare } else { text };
        if bare.is_empty() {
            Err("the token is empty behind QJWT")
        } else if bare.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("bearer ")) {
            Err("the token must not begin with Bearer: the vendor wants it as issued, beginning with QJWT")
        } else if bare.len() < text.len() {
            Ok(Self { whole: given.clone(), bare: bare.into() })
        } else {
            Ok(Self { whole: format!("{SCHEME}{bare}").into(), bare: given.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_added_where_it_is_missing_and_never_twice() {
        for (given, whole) in [
            ("eyJ.a.b", "QJWT eyJ.a.b"),
            ("QJWT eyJ.a.b", "QJWT eyJ.a.b"),
            ("qjwt eyJ.a.b", "qjwt eyJ.a.b"),
            ("QJWTeyJ", "QJWT QJWTeyJ"),
            ("天天", "QJWT 天天"),
            ("x", "QJWT x"),
        ] {
            let token = Token::read(&given.into()).expect(given);
            assert_eq!(token.whole.expose(), whole);
            assert_eq!(token.bare.expose(), &whole["QJWT ".len()..]);
        }
    }

    #[test]
    fn bearer_is_refused_before_and_behind_the_scheme() {
        for given in ["Bearer QJWT eyJ", "bearer eyJ", "QJWT Bearer eyJ"] {
            let wrong = Token::read(&given.into()).err().expect(given);
            assert!(wrong.contains("Bearer"), "{wrong}");
        }
        assert!(Token::read(&"QJWT ".into()).is_err());
    }
}
