use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    Address, Date, Email, Extra, Gender, Group, LinkedIdentity, Login, Name, Organization, Phone, Raw,
    Status, Timestamp,
};

/// What is known of a user: the fields of a [`User`](crate::User).
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Profile {
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
