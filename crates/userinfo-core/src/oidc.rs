//! A user as `OpenID` Connect claims.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Address, Gender, Object, Timestamp, User, extra::exact, is_absolute_url};

impl User {
    /// The claim that holds what [OpenID Connect Core 5.1] has no claim for.
    ///
    /// [OpenID Connect Core 5.1]: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
    pub const OIDC_CLAIM: &str = "urn:userinfo:claims";

    /// Returns the standard claims of OpenID Connect Core 5.1, `sub` being the id.
    ///
    /// A masked value, a language that is no language tag, a time zone that is no name such as
    /// `Asia/Shanghai`, a relative URL and a gender that is not disclosed are no claims: they, and all that
    /// has no claim, stand under [`OIDC_CLAIM`](Self::OIDC_CLAIM) with their canonical names. `updated_at` is
    /// in seconds. Only what the vendor states is claimed as verified.
    #[must_use]
    pub fn to_oidc_claims(&self) -> Map<String, Value> {
        let mut out = Claims { user: self, claims: Map::new() };
        out.claims.insert("sub".to_owned(), json!(self.id));
        if let Some(name) = &self.name {
            out.add("name", "name", name.formatted.as_ref());
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
        out.add("locale", "language", self.language.as_ref());
        out.add("address", "address", self.address.clone().and_then(Address::known).map(|it| address(&it)));
        out.add("updated_at", "updated_at", self.updated_at.map(Timestamp::unix_seconds));
        let rest = self.rest_beyond(|field| self.is_claimed(field));
        let mut claims = out.claims;
        claims.insert(Self::OIDC_CLAIM.to_owned(), rest);
        claims
    }

    /// Says whether a canonical field is whole within the standard claims.
    fn is_claimed(&self, field: &str) -> bool {
        self.fits(field)
            && match field {
                "id" | "username" | "nickname" | "name" | "profile_url" | "avatar_url" | "birth_date"
                | "language" | "time_zone" | "address" => true,
                "emails" => self.emails.len() == 1,
                "phones" => self.phones.len() == 1,
                "gender" => self.gender != Some(Gender::Undisclosed),
                "updated_at" => self.updated_at.is_some_and(|it| it.unix_millis() % 1000 == 0),
                _ => false,
            }
    }

    /// Says whether a field is clear and in the form that claims and attributes ask for.
    pub(crate) fn fits(&self, field: &str) -> bool {
        let is = |value: &Option<String>, form: fn(&str) -> bool| value.as_deref().is_none_or(form);
        !self.is_masked(field)
            && match field {
                "profile_url" => is(&self.profile_url, is_absolute_url),
                "avatar_url" => is(&self.avatar_url, is_absolute_url),
                "language" => is(&self.language, is_language_tag),
                "time_zone" => is(&self.time_zone, is_zone_name),
                _ => true,
            }
    }

    /// The canonical JSON without the fields that stand elsewhere; nothing in it is rounded.
    pub(crate) fn rest_beyond(&self, elsewhere: impl Fn(&str) -> bool) -> Value {
        let json = serde_json::to_string(self).unwrap_or_default();
        let all = Object::parse(&json).unwrap_or_default().into_iter();
        let rest = all.filter(|(field, _)| !elsewhere(field));
        Value::Object(rest.map(|(field, value)| (field.into_owned(), exact(value))).collect())
    }
}

struct Claims<'a> {
    user: &'a User,
    claims: Map<String, Value>,
}

impl Claims<'_> {
    /// Adds a claim unless there is nothing to say or the value is masked or in another form.
    fn add(&mut self, claim: &str, field: &str, value: Option<impl Serialize>) {
        if let Some(value) = value.filter(|_| self.user.fits(field)) {
            self.claims.insert(claim.to_owned(), json!(value));
        }
    }
}

/// The address claim, OpenID Connect Core 5.1.1.
fn address(it: &Address) -> Value {
    let parts = [
        ("formatted", &it.formatted),
        ("street_address", &it.street),
        ("locality", &it.locality),
        ("region", &it.region),
        ("postal_code", &it.postal_code),
        ("country", &it.country),
    ];
    let set = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), json!(part.as_ref()?))));
    Value::Object(set.collect())
}

/// Says whether a language is written as a tag of BCP 47: `zh`, `zh-CN`, `zh-Hans-CN`.
fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|it| it.is_ascii_alphabetic())
        && parts.all(|it| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// Says whether a time zone is written as a name of the IANA database: `Asia/Shanghai`, `Etc/GMT+8`, `UTC`.
fn is_zone_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'+'))
    };
    text == "UTC" || (text.contains('/') && text.split('/').all(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Date, Email, Name, Phone, Status};

    fn ada() -> User {
        let mut user = User::new("acme", "1000");
        user.username = Some("ada1".to_owned());
        user.nickname = Some("Ada".to_owned());
        let text = |text: &str| Some(text.to_owned());
        user.name = Some(Name { formatted: text("Ada L"), family: text("L"), ..Name::default() });
        user.emails = vec![Email { value: "ada@a.example".to_owned(), verified: Some(true) }];
        user.phones = vec![Phone::new("1380")];
        user.avatar_url = text("https://a.example/a.png");
        user.gender = Some(Gender::Female);
        user.birth_date = Date::at_start_of("1815-12-10");
        (user.language, user.time_zone) = (text("zh-Hans-CN"), text("Asia/Shanghai"));
        user.address = Some(Address { street: text("1 Main St"), ..Address::default() });
        user.status = Some(Status::Active);
        user.updated_at = Timestamp::from_unix_seconds(1_669_012_062);
        user.complete()
    }

    fn rest(user: &User) -> Value {
        user.to_oidc_claims()[User::OIDC_CLAIM].clone()
    }

    #[test]
    fn what_the_standard_names_is_a_claim_and_all_else_stands_under_ours() {
        assert_eq!(
            Value::Object(ada().to_oidc_claims()),
            json!({
                "sub": "1000", "name": "Ada L", "family_name": "L", "nickname": "Ada",
                "preferred_username": "ada1", "picture": "https://a.example/a.png",
                "email": "ada@a.example", "email_verified": true, "phone_number": "1380",
                "gender": "female", "birthdate": "1815-12-10", "zoneinfo": "Asia/Shanghai",
                "locale": "zh-Hans-CN", "address": { "street_address": "1 Main St" },
                "updated_at": 1_669_012_062,
                "urn:userinfo:claims": { "provider": "acme", "display_name": "Ada", "status": "active" },
            })
        );
    }

    #[test]
    fn a_verification_that_nobody_states_is_not_claimed() {
        let mut user = ada();
        assert!(!user.to_oidc_claims().contains_key("phone_number_verified"));
        user.emails[0].verified = Some(false);
        assert_eq!(user.to_oidc_claims()["email_verified"], false);
    }

    #[test]
    fn every_masked_field_is_no_claim_and_is_not_lost() {
        let whole = serde_json::to_value(ada()).expect("JSON");
        let claims = ada().to_oidc_claims();
        for field in User::FIELDS {
            let mut user = ada();
            user.masked = vec![field.into()];
            let (masked, rest) = (user.to_oidc_claims(), rest(&user));
            assert_eq!(rest.get(field).is_some(), whole.get(field).is_some() || field == "masked", "{field}");
            let fewer = masked.len() < claims.len();
            let stays = ["provider", "id", "display_name", "status", "masked", "extra"].contains(&field);
            assert_eq!(fewer, !stays && whole.get(field).is_some(), "{field}: {masked:?}");
        }
    }

    #[test]
    fn a_value_in_another_form_is_no_claim_and_is_not_lost() {
        let mut user = ada();
        let text = |text: &str| Some(text.to_owned());
        (user.language, user.time_zone) = (text("Chinese"), text("8"));
        (user.avatar_url, user.profile_url) = (text("//a.example/a.png"), text("javascript:alert(1)"));
        user.gender = Some(Gender::Undisclosed);
        user.address = Some(Address::default());
        user.updated_at = Timestamp::from_unix_millis(1_669_012_062_123);
        let claims = user.to_oidc_claims();
        for claim in ["locale", "zoneinfo", "picture", "profile", "gender", "address"] {
            assert!(!claims.contains_key(claim), "{claim}");
        }
        assert_eq!(claims["updated_at"], 1_669_012_062);
        let rest = rest(&user);
        assert_eq!((&rest["language"], &rest["time_zone"]), (&json!("Chinese"), &json!("8")));
        assert_eq!(rest["avatar_url"], "//a.example/a.png");
        assert_eq!(
            (&rest["gender"], &rest["profile_url"]),
            (&json!("undisclosed"), &json!("javascript:alert(1)"))
        );
        assert_eq!(rest["updated_at"], "2022-11-21T06:27:42.123Z");
    }

    #[test]
    fn of_several_addresses_the_first_is_claimed_and_all_are_kept() {
        let mut user = ada();
        user.emails.push(Email::new("b@a.example"));
        user.phones.push(Phone::new("1381"));
        assert_eq!(user.to_oidc_claims()["email"], "ada@a.example");
        assert_eq!(rest(&user)["emails"][1]["value"], "b@a.example");
        assert_eq!(rest(&user)["phones"], json!([{ "value": "1380" }, { "value": "1381" }]));
    }

    #[test]
    fn no_fact_of_the_vendor_can_push_the_others_out() {
        let mut user = ada();
        user.extra = serde_json::from_str(r#"{"odd":1e999,"id2":123456789012345678901}"#).expect("JSON");
        assert_eq!(rest(&user)["extra"], json!({ "odd": "1e999", "id2": "123456789012345678901" }));
        assert_eq!(rest(&user)["status"], "active");
    }

    #[test]
    fn languages_and_zones_are_told_by_their_form() {
        assert!(["zh", "zh-CN", "en-GB-oxendict", "yue"].into_iter().all(is_language_tag));
        assert!(!["", "z", "Chinese", "zh_CN", "zh-", "2"].into_iter().any(is_language_tag));
        assert!(
            ["UTC", "Asia/Shanghai", "America/Port-au-Prince", "Etc/GMT+8"].into_iter().all(is_zone_name)
        );
        assert!(!["", "8", "GMT+8", "Asia/", "/Asia", "+08:00", "Asia/上海"].into_iter().any(is_zone_name));
    }
}
