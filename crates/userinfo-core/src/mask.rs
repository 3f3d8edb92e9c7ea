//! Masks: those of the vendor, which are found, and ours, which protect personal data.

use std::fmt;

use crate::{
    Address, Email, Extra, Gender, Group, LinkedIdentity, Login, Name, Organization, Phone, Role, User,
};

/// Names the fields that hold a value which the vendor masked with a run of two or more `*`.
pub(crate) fn masked_fields(user: &User) -> Vec<&'static str> {
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
    /// The id, the provider, the state of the account and its times stay; `raw` and the values of `extra`
    /// go. Every masked field is named in `masked`.
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
        let mut user = Self { raw: crate::Raw::default(), ..self.clone() };
        let texts = [
            ("username", &mut user.username),
            ("display_name", &mut user.display_name),
            ("nickname", &mut user.nickname),
            ("avatar_url", &mut user.avatar_url),
            ("profile_url", &mut user.profile_url),
            ("bio", &mut user.bio),
            ("nationality", &mut user.nationality),
        ];
        let mut names: Vec<_> =
            texts.into_iter().filter_map(|(name, text)| cover(text).then_some(name)).collect();
        if let Some(name) = &mut user.name {
            for part in [&mut name.formatted, &mut name.given, &mut name.middle, &mut name.family] {
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
        if user.gender.take().is_some() {
            user.gender = Some(Gender::Other(COVER.to_owned()));
            names.push("gender");
        }
        if user.birth_date.take().is_some() {
            names.push("birth_date");
        }
        let extra: Vec<_> = user.extra.iter().map(|(name, _)| name.to_owned()).collect();
        if !extra.is_empty() {
            names.push("extra");
        }
        user.extra = Extra::default();
        for name in extra {
            user.extra.insert_json(name, &COVER);
        }
        user.masked = Self::FIELDS
            .into_iter()
            .filter(|field| names.contains(field) || self.is_masked(field))
            .map(Into::into)
            .collect();
        user
    }
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

/// Shows which fields are set, and the values of those that say nothing about a person.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = [
            ("username", self.username.is_some()),
            ("nickname", self.nickname.is_some()),
            ("name", self.name.is_some()),
            ("emails", !self.emails.is_empty()),
            ("phones", !self.phones.is_empty()),
            ("logins", !self.logins.is_empty()),
            ("avatar_url", self.avatar_url.is_some()),
            ("profile_url", self.profile_url.is_some()),
            ("bio", self.bio.is_some()),
            ("gender", self.gender.is_some()),
            ("birth_date", self.birth_date.is_some()),
            ("language", self.language.is_some()),
            ("time_zone", self.time_zone.is_some()),
            ("nationality", self.nationality.is_some()),
            ("address", self.address.is_some()),
            ("tenant", self.tenant.is_some()),
            ("organizations", !self.organizations.is_empty()),
            ("groups", !self.groups.is_empty()),
            ("linked_identities", !self.linked_identities.is_empty()),
        ];
        let set: Vec<_> = set.into_iter().filter_map(|(name, set)| set.then_some(name)).collect();
        f.debug_struct("User")
            .field("provider", &self.provider)
            .field(
                "status",
                &self.status.as_ref().map(|status| Covered(status.is_active().is_some(), status.as_str())),
            )
            .field("set", &set)
            .field("masked", &self.masked)
            .field("extra", &self.extra)
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

/// A word that is shown only if it is one of ours.
struct Covered<'a>(bool, &'a str);

impl fmt::Debug for Covered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { self.1 } else { "(the vendor's own word)" })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(..)")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(..)")
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}

impl fmt::Debug for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Organization(..)")
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Role(..)")
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Group(..)")
    }
}

impl fmt::Debug for LinkedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkedIdentity({}, ..)", self.provider)
    }
}
