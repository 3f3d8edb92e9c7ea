use serde::{Deserialize, Serialize};

/// A person's name, in the parts that the vendor gives.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Name {
    /// The whole name, ready to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The given or first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// The middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle: Option<String>,
    /// The family or last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address as sent.
    pub value: String,
    /// Whether the vendor verified it; `None` where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// A phone number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The number as sent.
    pub value: String,
    /// Whether the vendor verified it; `None` where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// Something that the user signs in with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The vendor's word for what it is, such as `MOBILE_PHONE`; `None` where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The login itself, as sent.
    pub value: String,
}

/// A postal address, in the parts that the vendor gives.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The whole address, ready to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and house number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// City or town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province or prefecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, as the vendor writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// An organization that the user belongs to.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    /// The vendor's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A code that people use for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user's roles in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

/// A role within an organization.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// The vendor's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A code that people use for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A group of users that the user is in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// The vendor's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The same user at another identity provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// `alipay`, `apple`, `facebook`, `google`, `qq`, `twitter`, `wechat-mini-program`,
    /// `wechat-official-account` or `wechat-union`.
    pub provider: std::borrow::Cow<'static, str>,
    /// The user's id there.
    pub id: String,
}

/// What the vendor says of the user's gender.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Gender {
    /// `male`.
    Male,
    /// `female`.
    Female,
    /// `undisclosed`: the user chose not to say.
    Undisclosed,
    /// The vendor's own word.
    Other(String),
}

/// What the vendor says of the account.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Status {
    /// `active`: in use.
    Active,
    /// `disabled`: switched off.
    Disabled,
    /// `pending`: not yet approved.
    Pending,
    /// `banned`: shut out.
    Banned,
    /// The vendor's own word.
    Other(String),
}

impl Email {
    /// Wraps an address of which nothing more is known.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), verified: None }
    }
}

impl Phone {
    /// Wraps a number of which nothing more is known.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), verified: None }
    }
}

impl LinkedIdentity {
    /// Names the user's id at another identity provider.
    pub fn new(provider: &'static str, id: impl Into<String>) -> Self {
        Self { provider: provider.into(), id: id.into() }
    }
}

impl Gender {
    /// Returns the canonical word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Undisclosed => "undisclosed",
            Self::Other(word) => word,
        }
    }
}

impl Status {
    /// Returns the canonical word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Pending => "pending",
            Self::Banned => "banned",
            Self::Other(word) => word,
        }
    }

    /// Says whether the account is in use; `None` for a word that only the vendor knows.
    #[must_use]
    pub fn is_active(&self) -> Option<bool> {
        match self {
            Self::Active => Some(true),
            Self::Disabled | Self::Pending | Self::Banned => Some(false),
            Self::Other(_) => None,
        }
    }
}

impl From<String> for Gender {
    fn from(word: String) -> Self {
        match word.as_str() {
            "male" => Self::Male,
            "female" => Self::Female,
            "undisclosed" => Self::Undisclosed,
            _ => Self::Other(word),
        }
    }
}

impl From<Gender> for String {
    fn from(gender: Gender) -> Self {
        gender.as_str().to_owned()
    }
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        match word.as_str() {
            "active" => Self::Active,
            "disabled" => Self::Disabled,
            "pending" => Self::Pending,
            "banned" => Self::Banned,
            _ => Self::Other(word),
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_owned()
    }
}
