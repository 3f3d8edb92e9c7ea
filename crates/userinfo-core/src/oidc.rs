//! A user as `OpenID` Connect claims.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Gender, User};

impl User {
    /// The claim that holds what [OpenID Connect Core 5.1] has no claim for.
    ///
    /// [OpenID Connect Core 5.1]: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
    pub const OIDC_CLAIM: &str = "urn:userinfo:claims";

    /// Returns the standard claims of OpenID Connect Core 5.1, `sub` being the id.
    ///
    /// A masked value, a language that is no language tag and a gender that is not disclosed are no
    /// claims: they, and all that has no claim, stand under [`OIDC_CLAIM`](Self::OIDC_CLAIM) with their
    /// canonical names. `updated_at` is in seconds. Only what the vendor states is claimed as verified.
    #[must_use]
    pub fn to_oidc_claims(&self) -> Map<String, Value> {
        let mut out = Claims { user: self, claims: Map::new() };
        out.claims.insert("sub".to_owned(), json!(self.id));
        out.add("name", "name", self.full_name());
        if let Some(name) = &self.name {
            out.add("given_name", "name", name.given.as_ref());
            out.add("middle_name", "name", name.middle.as_ref());
            out.add("family_name", "name", name.family.as_ref());
        }
        out.add("nickname", "nickname", self.nickname.as_ref());
        out.add("preferred_username", "username", self.username.as_ref());
        out.add("profile", "profile_url", self.profile_url.as_ref());
        out.add("picture", "avatar_url", self.avatar_url.as_ref());
        if let Some(email) = self.emails.first() {
            out.add("email", "emails", Some(&email.value));
            out.add("email_verified", "emails", email.verified);
        }
        if let Some(phone) = self.phones.first() {
            out.add("phone_number", "phones", Some(&phone.value));
            out.add("phone_number_verified", "phones", phone.verified);
        }
        let gender = self.gender.as_ref().filter(|it| **it != Gender::Undisclosed);
        out.add("gender", "gender", gender.map(Gender::as_str));
        out.add("birthdate", "birth_date", self.birth_date.map(|it| it.to_string()));
        out.add("zoneinfo", "time_zone", self.time_zone.as_ref());
        out.add("locale", "language", self.language.as_ref().filter(|it| is_language_tag(it)));
        if let Some(it) = self.address.as_ref().filter(|_| !self.is_masked("address")) {
            let parts = [
                ("formatted", &it.formatted),
                ("street_address", &it.street),
                ("locality", &it.locality),
                ("region", &it.region),
                ("postal_code", &it.postal_code),
                ("country", &it.country),
            ];
            let set = parts
                .into_iter()
                .filter_map(|(name, part)| part.as_ref().map(|it| (name.to_owned(), json!(it))));
            out.claims.insert("address".to_owned(), Value::Object(set.collect()));
        }
        out.add("updated_at", "updated_at", self.updated_at.map(crate::Timestamp::unix_seconds));
        let rest = self.rest_beyond(|field| self.is_claimed(field));
        let mut claims = out.claims;
        claims.insert(Self::OIDC_CLAIM.to_owned(), rest);
        claims
    }

    /// The name as a whole, unless it is only known in parts.
    pub(crate) fn full_name(&self) -> Option<&String> {
        self.name.as_ref().and_then(|name| name.formatted.as_ref())
    }

    fn is_claimed(&self, field: &str) -> bool {
        match field {
            "id" | "updated_at" | "birth_date" | "time_zone" | "profile_url" | "avatar_url" => true,
            "emails" => self.emails.len() == 1 && !self.is_masked(field),
            "phones" => self.phones.len() == 1 && !self.is_masked(field),
            "username" | "nickname" | "name" | "address" => !self.is_masked(field),
            "gender" => self.gender != Some(Gender::Undisclosed),
            "language" => self.language.as_deref().is_some_and(is_language_tag),
            _ => false,
        }
    }

    /// The canonical JSON without the fields that stand elsewhere.
    pub(crate) fn rest_beyond(&self, elsewhere: impl Fn(&str) -> bool) -> Value {
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else { return Value::Null };
        all.retain(|field, _| !elsewhere(field));
        let extra = self.extra.iter().map(|(name, _)| (name.to_owned(), self.extra.value(name).into()));
        if !self.extra.is_empty() {
            all.insert("extra".to_owned(), Value::Object(extra.collect()));
        }
        Value::Object(all)
    }
}

struct Claims<'a> {
    user: &'a User,
    claims: Map<String, Value>,
}

impl Claims<'_> {
    /// Adds a claim unless there is nothing to say or the vendor masked it.
    fn add(&mut self, claim: &str, field: &str, value: Option<impl Serialize>) {
        if let Some(value) = value.filter(|_| !self.user.is_masked(field)) {
            self.claims.insert(claim.to_owned(), json!(value));
        }
    }
}

/// Says whether a language is written as a tag of BCP 47: `zh`, `zh-CN`, `zh-Hans-CN`.
pub(crate) fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|it| it.is_ascii_alphabetic())
        && parts.all(|it| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric()))
}
