//! Masks: those of the vendor, which are found, and ours, which protect personal data.

use crate::{Address, Gender, Name, Profile, User};

/// Names the fields that hold a value which the vendor masked with a run of two or more `*`.
pub(crate) fn masked_fields(user: &Profile) -> Vec<&'static str> {
    let one = |value: &Option<String>| value.as_deref().is_some_and(is_masked);
    let name = user
        .name
        .as_ref()
        .is_some_and(|it| [&it.formatted, &it.given, &it.middle, &it.family].into_iter().any(one));
    let address = user.address.as_ref().is_some_and(|it| {
        let parts = [&it.formatted, &it.street, &it.locality, &it.region, &it.postal_code, &it.country];
        parts.into_iter().any(one)
    });
    [
        ("username", one(&user.username)),
        ("display_name", one(&user.display_name)),
        ("nickname", one(&user.nickname)),
        ("name", name),
        ("emails", user.emails.iter().any(|it| is_masked(&it.value))),
        ("phones", user.phones.iter().any(|it| is_masked(&it.value))),
        ("logins", user.logins.iter().any(|it| is_masked(&it.value))),
        ("address", address),
        ("linked_identities", user.linked_identities.iter().any(|it| is_masked(&it.id))),
    ]
    .into_iter()
    .filter_map(|(field, masked)| masked.then_some(field))
    .collect()
}

fn is_masked(value: &str) -> bool {
    value.contains("**")
}

impl User {
    /// Returns a copy in which personal data is masked, for screens and tickets.
    ///
    /// Who the user is goes: names, contacts, logins, pictures, pages, birth, gender, nationality, address,
    /// linked identities, the values of `extra`, and `raw`. What the account is stays: provider, id, language,
    /// time zone, status, tenant, organizations, groups and times. Every masked field is named in `masked`.
    ///
    /// ```
    /// use userinfo_core::{Phone, User};
    ///
    /// let mut user = User::new("acme", "1000");
    /// user.phones.push(Phone::new("13800138000"));
    /// assert_eq!(user.to_masked().phones[0].value, "1***");
    /// ```
    #[must_use]
    pub fn to_masked(&self) -> Self {
        let mut user = Profile { raw: crate::Raw::default(), ..(**self).clone() };
        let names: Vec<_> = [cover_texts(&mut user), cover_parts(&mut user), cover_lists(&mut user)].concat();
        user.masked = Self::FIELDS
            .into_iter()
            .filter(|field| names.contains(field) || self.is_masked(field))
            .map(Into::into)
            .collect();
        Self::from(user).with_freshness(self.freshness())
    }
}

/// Covers the fields that are one text; names those that were set, as the two below do.
fn cover_texts(user: &mut Profile) -> Vec<&'static str> {
    let texts = [
        ("username", &mut user.username),
        ("display_name", &mut user.display_name),
        ("nickname", &mut user.nickname),
        ("avatar_url", &mut user.avatar_url),
        ("profile_url", &mut user.profile_url),
        ("bio", &mut user.bio),
        ("nationality", &mut user.nationality),
    ];
    texts.into_iter().filter_map(|(name, text)| cover(text).then_some(name)).collect()
}

fn cover_parts(user: &mut Profile) -> Vec<&'static str> {
    let mut names = Vec::new();
    if let Some(Name { formatted, given, middle, family }) = &mut user.name {
        for part in [formatted, given, middle, family] {
            cover(part);
        }
        names.push("name");
    }
    if let Some(it) = &mut user.address {
        let Address { formatted, street, locality, region, postal_code, country } = it;
        for part in [formatted, street, locality, region, postal_code, country] {
            cover(part);
        }
        names.push("address");
    }
    if let Some(gender) = &mut user.gender {
        *gender = Gender::Other(COVER.to_owned());
        names.push("gender");
    }
    if user.birth_date.take().is_some() {
        names.push("birth_date");
    }
    names
}

fn cover_lists(user: &mut Profile) -> Vec<&'static str> {
    let extra: Vec<_> = user.extra.iter().map(|(name, _)| name.to_owned()).collect();
    let mut names = if extra.is_empty() { Vec::new() } else { vec!["extra"] };
    for name in extra {
        user.extra.insert_json(name, &COVER);
    }
    let lists = [
        ("emails", user.emails.iter_mut().map(|it| &mut it.value).collect::<Vec<_>>()),
        ("phones", user.phones.iter_mut().map(|it| &mut it.value).collect()),
        ("logins", user.logins.iter_mut().map(|it| &mut it.value).collect()),
        ("linked_identities", user.linked_identities.iter_mut().map(|it| &mut it.id).collect()),
    ];
    for (name, values) in lists {
        if !values.is_empty() {
            names.push(name);
        }
        for value in values {
            *value = covered(value);
        }
    }
    names
}

const COVER: &str = "***";

fn cover(text: &mut Option<String>) -> bool {
    *text = text.as_deref().map(covered);
    text.is_some()
}

/// The first character, then the cover; a single character is covered whole.
fn covered(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(_)) => format!("{first}{COVER}"),
        _ => COVER.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Date, Email, Group, LinkedIdentity, Login, Phone, Status};

    fn user() -> User {
        let text = || Some("Zoë-secret".to_owned());
        let mut user = User::new("acme", "1000");
        (user.username, user.display_name, user.nickname) = (text(), text(), text());
        user.name = Some(Name { formatted: text(), given: text(), middle: text(), family: text() });
        user.emails = vec![Email::new("Zoë-secret"), Email::new("Z")];
        user.phones = vec![Phone::new("Zoë-secret")];
        user.logins = vec![Login { kind: Some("MAIL".to_owned()), value: "Zoë-secret".to_owned() }];
        (user.avatar_url, user.profile_url, user.bio, user.nationality) = (text(), text(), text(), text());
        user.gender = Some(Gender::Female);
        user.birth_date = Date::at_start_of("1815-12-10");
        let (formatted, street, locality) = (text(), text(), text());
        let (region, postal_code, country) = (text(), text(), text());
        user.address = Some(Address { formatted, street, locality, region, postal_code, country });
        user.linked_identities = vec![LinkedIdentity::new("apple", "Zoë-secret")];
        user.extra.insert_json("phone2", &"Zoë-secret");
        user.raw = crate::Raw::new(bytes::Bytes::from_static(b"{\"a\":\"secret\"}"), &[]);
        user.status = Some(Status::Active);
        user.groups = vec![Group { id: None, name: Some("VIP".to_owned()) }];
        user
    }

    #[test]
    fn a_masked_copy_says_what_the_account_is_and_not_who() {
        let masked = user().to_masked();
        let json = serde_json::to_string(&masked).expect("JSON");
        assert!(!json.contains("secret") && !json.contains("female") && !json.contains("1815"), "{json}");
        assert_eq!((masked.id.as_str(), &masked.status), ("1000", &Some(Status::Active)));
        assert_eq!(masked.groups[0].name.as_deref(), Some("VIP"));
        assert_eq!(masked.logins[0].kind.as_deref(), Some("MAIL"));
        assert!(masked.raw.as_bytes().is_empty());
    }

    #[test]
    fn a_value_keeps_its_first_character_and_a_single_one_is_covered_whole() {
        let masked = user().to_masked();
        assert_eq!(masked.nickname.as_deref(), Some("Z***"));
        assert_eq!(masked.emails[1].value, "***");
        assert_eq!(masked.extra.text("phone2").as_deref(), Some("***"));
    }

    #[test]
    fn every_field_that_is_covered_is_named_and_those_of_the_vendor_stay_named() {
        let covered = [
            "username",
            "display_name",
            "nickname",
            "name",
            "emails",
            "phones",
            "logins",
            "avatar_url",
            "profile_url",
            "bio",
            "gender",
            "birth_date",
            "nationality",
            "address",
            "linked_identities",
            "extra",
        ];
        assert_eq!(user().to_masked().masked, covered);
        let mut plain = User::new("acme", "1");
        plain.masked = vec!["phones".into()];
        assert_eq!(plain.to_masked().masked, ["phones"]);
        assert_eq!(User::new("acme", "1").to_masked(), User::new("acme", "1"));
    }

    #[test]
    fn a_masked_copy_is_exported_without_a_masked_value_in_a_standard_place() {
        let (claims, scim) = (user().to_masked().to_oidc_claims(), user().to_masked().to_scim());
        let outer = |map: &serde_json::Map<_, serde_json::Value>, ours: &str| {
            let rest = map.iter().filter(|(name, _)| *name != ours);
            assert!(rest.clone().all(|(_, value)| !value.to_string().contains("***")), "{map:?}");
        };
        outer(&claims, User::OIDC_CLAIM);
        outer(&scim, User::SCIM_SCHEMA);
    }
}
