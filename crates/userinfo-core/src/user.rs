use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    Address, Date, Email, Extra, Gender, Group, LinkedIdentity, Login, Name, Organization, Phone, Raw,
    Status, Timestamp, mask,
};

/// A user, in the one shape that every provider maps to.
///
/// What the vendor did not say is absent: `None` or an empty list, never `""`. The serde form is the
/// canonical JSON, in which absent fields are left out. `Debug` masks personal data, `Serialize` gives
/// it whole. A user never carries a token.
///
/// ```
/// use userinfo_core::{Email, User};
///
/// let mut user = User::new("acme", "1000");
/// user.nickname = Some("Ada".to_owned());
/// user.emails.push(Email::new("ada@example.com"));
/// let user = user.complete();
/// assert_eq!(
///     serde_json::to_string(&user)?,
///     r#"{"provider":"acme","id":"1000","display_name":"Ada","nickname":"Ada","emails":[{"value":"ada@example.com"}]}"#
/// );
/// assert!(!format!("{user:?}").contains("ada@example.com"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct User {
    /// The kind of the provider, such as `alipay-plus`.
    pub provider: Cow<'static, str>,
    /// The vendor's id of the user, never empty.
    pub id: String,
    /// The name that the user signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show: the nickname, else the formatted name, else the username.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the user wants to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// E-mail addresses, the main one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Phone numbers as sent, the main one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// What the user signs in with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<Login>,
    /// The address of a picture: absolute, or `//host/path` where the vendor sends that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// The address of the user's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// What users say of themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// Gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// Language, as the vendor writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Time zone, as the vendor writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Nationality, as the vendor writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// State of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The tenant or user domain within the vendor's system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Organizations with the user's roles in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<Organization>,
    /// Groups of users.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The same user at other identity providers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub linked_identities: Vec<LinkedIdentity>,
    /// When the account was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the record was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// When the user last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Timestamp>,
    /// When the account ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Names of the canonical fields whose value the vendor masked: do not overwrite a known value with one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<Cow<'static, str>>,
    /// The vendor's remaining facts under their wire names.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
    /// The answer as received; not part of the canonical JSON.
    #[serde(skip)]
    pub raw: Raw,
}

impl User {
    /// The canonical fields, in the order of the canonical JSON.
    pub const FIELDS: [&str; 29] = [
        "provider",
        "id",
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
        "language",
        "time_zone",
        "nationality",
        "address",
        "status",
        "tenant",
        "organizations",
        "groups",
        "linked_identities",
        "created_at",
        "updated_at",
        "last_login_at",
        "expires_at",
        "masked",
        "extra",
    ];

    /// Starts a user of whom only the id is known.
    pub fn new(provider: &'static str, id: impl Into<String>) -> Self {
        Self { provider: provider.into(), id: id.into(), ..Self::default() }
    }

    /// Fills in what follows from the other fields: `display_name` and `masked`. A provider's last step.
    #[must_use]
    pub fn complete(mut self) -> Self {
        let formatted = self.name.as_ref().and_then(|name| name.formatted.as_ref());
        self.display_name = self.nickname.as_ref().or(formatted).or(self.username.as_ref()).cloned();
        for field in mask::masked_fields(&self) {
            if !self.masked.iter().any(|it| it == field) {
                self.masked.push(field.into());
            }
        }
        self
    }

    /// Says whether the vendor masked the value of this canonical field.
    #[must_use]
    pub fn is_masked(&self, field: &str) -> bool {
        self.masked.iter().any(|it| it == field)
    }
}

impl Name {
    /// Returns the name if any part of it is known.
    #[must_use]
    pub fn known(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

impl Address {
    /// Returns the address if any part of it is known.
    #[must_use]
    pub fn known(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_fields_is_the_canonical_json() {
        let mut user = User::new("acme", "1");
        let text = || Some("x**x".to_owned());
        user.username = text();
        user.nickname = text();
        user.name = Some(Name { formatted: text(), given: text(), middle: text(), family: text() });
        user.emails = vec![Email::new("a")];
        user.phones = vec![Phone::new("1")];
        user.logins = vec![Login { kind: text(), value: "1".to_owned() }];
        (user.avatar_url, user.profile_url, user.bio) = (text(), text(), text());
        user.gender = Some(Gender::Male);
        user.birth_date = Date::at_start_of("2020-07-25");
        (user.language, user.time_zone, user.nationality, user.tenant) = (text(), text(), text(), text());
        user.address = Some(Address { country: text(), ..Address::default() });
        user.status = Some(Status::Active);
        user.organizations = vec![Organization::default()];
        user.groups = vec![Group::default()];
        user.linked_identities = vec![LinkedIdentity::new("apple", "1")];
        let time = Timestamp::from_unix_seconds(1);
        (user.created_at, user.updated_at, user.last_login_at, user.expires_at) = (time, time, time, time);
        user.extra.insert_json("more", &1);
        let user = user.complete();
        let json = serde_json::to_string(&user).expect("JSON");
        let mut at = 0;
        for field in User::FIELDS {
            at += json[at..].find(&format!("\"{field}\":")).expect(field);
        }
        assert_eq!(serde_json::from_str::<User>(&json).expect("a user"), user);
    }

    #[test]
    fn the_display_name_is_the_nickname_else_the_name_else_the_username() {
        let mut user = User::new("acme", "1");
        assert_eq!(user.clone().complete().display_name, None);
        user.username = Some("ada1".to_owned());
        assert_eq!(user.clone().complete().display_name.as_deref(), Some("ada1"));
        user.name = Some(Name { formatted: Some("Ada L".to_owned()), ..Name::default() });
        assert_eq!(user.clone().complete().display_name.as_deref(), Some("Ada L"));
        user.nickname = Some("Ada".to_owned());
        assert_eq!(user.clone().complete().display_name.as_deref(), Some("Ada"));
    }

    #[test]
    fn a_run_of_stars_is_a_mask() {
        let mut user = User::new("acme", "1");
        user.nickname = Some("t**".to_owned());
        user.phones = vec![Phone::new("13800138000"), Phone::new("138****0000")];
        user.bio = Some("** hello **".to_owned());
        user.username = Some("a*b".to_owned());
        assert_eq!(user.complete().masked, ["display_name", "nickname", "phones"]);
    }
}
