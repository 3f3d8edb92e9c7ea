//! The people whom every vendor knows, told once for all dialects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{credentials, moment::Moment};

/// One person, told in each vendor's dialect; what is `None` or empty is unset.
///
/// Make one with `Person { key, ids, nickname: …, ..Person::default() }`, or load a file with
/// [`people_from_json`](crate::people_from_json).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// The name by which tests and scripts call the person; the tokens derive from it.
    pub key: String,
    /// The person's id at each vendor.
    pub ids: Ids,
    /// How an unset attribute goes over the wire.
    pub unset: Unset,
    /// The name the person signs in with.
    pub username: Option<String>,
    /// The name the person likes to be called by.
    pub nickname: Option<String>,
    /// The whole name.
    pub full_name: Option<String>,
    /// The first name.
    pub given_name: Option<String>,
    /// The middle name.
    pub middle_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the e-mail address is verified; only AnqiCMS says so.
    pub email_verified: Option<bool>,
    /// The phone number.
    pub phone: Option<String>,
    /// The login ids; only Alipay+ sends them.
    pub logins: Vec<Login>,
    /// The avatar: an absolute URL, a path, or an icon style.
    pub avatar: Option<String>,
    /// The page of the person.
    pub profile_url: Option<String>,
    /// What the person says about themselves.
    pub bio: Option<String>,
    /// The gender.
    pub gender: Option<Gender>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// The language, as text.
    pub language: Option<String>,
    /// The time zone, as text.
    pub time_zone: Option<String>,
    /// Two letters of ISO 3166.
    pub nationality: Option<String>,
    /// The address.
    pub address: Option<Address>,
    /// The state of the account.
    pub status: Option<Status>,
    /// The tenant; only Quectel has one.
    pub tenant: Option<String>,
    /// The organizations; only Tianyin has some.
    pub organizations: Vec<Organization>,
    /// The group; only AnqiCMS has one.
    pub group: Option<Group>,
    /// The person's ids at other identity providers.
    pub linked: Linked,
    /// When the account was made.
    pub created_at: Option<Moment>,
    /// When the account was changed.
    pub updated_at: Option<Moment>,
    /// When the person was last seen.
    pub last_login_at: Option<Moment>,
    /// When the account ends.
    pub expires_at: Option<Moment>,
    /// Quectel: a remark of the operator.
    pub remark: Option<String>,
    /// Quectel: how the account was registered.
    pub logon_mode: Option<i32>,
    /// AnqiCMS: the inviter.
    pub parent_id: Option<u32>,
    /// AnqiCMS: whether the person is a distributor.
    pub is_retailer: Option<bool>,
    /// AnqiCMS: hundredths of the currency unit.
    pub balance: Option<i64>,
    /// AnqiCMS: hundredths of the currency unit.
    pub total_reward: Option<i64>,
    /// AnqiCMS: the invitation code.
    pub invite_code: Option<String>,
    /// AnqiCMS: part of the address of the person's page.
    pub url_token: Option<String>,
    /// AnqiCMS: whether the password must be set anew.
    pub reset_password: Option<bool>,
    /// AnqiCMS: fields of the site's own, by name.
    pub custom_fields: BTreeMap<String, Value>,
    /// Alipay+: free text of the wallet.
    pub extend_info: Option<String>,
}

impl Person {
    /// The access token by which Alipay+ looks this person up.
    #[must_use]
    pub fn alipay_access_token(&self) -> String {
        credentials::alipay_access_token(&self.key)
    }

    /// The token by which AnqiCMS knows this person.
    #[must_use]
    pub fn anqicms_token(&self) -> String {
        credentials::anqicms_token(&self.key, self.ids.anqicms)
    }

    /// The password with which this person logs in at AnqiCMS, by user name, e-mail address or phone number.
    #[must_use]
    pub fn anqicms_password(&self) -> String {
        credentials::anqicms_password(&self.key)
    }
}

/// A person's id at each vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ids {
    /// `uid`: an opaque string.
    pub quectel: String,
    /// `userId`: an opaque string of at most 64 characters.
    pub alipay_plus: String,
    /// `id`: never 0.
    pub anqicms: u32,
    /// `userId`: positive.
    pub tianyin: i64,
}

/// How an unset attribute goes over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unset {
    /// The member is left out.
    #[default]
    Missing,
    /// The member is `null`, where the vendor sends nulls.
    Null,
    /// The member is `""`, 0, `[]` or `{}`.
    Empty,
}

/// A gender, as far as the vendors have words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Known, and not told.
    Undisclosed,
}

/// The state of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// In use.
    Active,
    /// Switched off.
    Disabled,
    /// Not yet in use.
    Pending,
    /// Thrown out.
    Banned,
}

/// A login id, as Alipay+ sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// `MOBILE_PHONE` or `EMAIL`.
    pub kind: String,
    /// The login id itself.
    pub value: Option<String>,
    /// The login id, masked.
    pub mask: Option<String>,
    /// The login id, hashed.
    pub hash: Option<String>,
}

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// The whole address as free text.
    pub formatted: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// The city.
    pub locality: Option<String>,
    /// The province or state.
    pub region: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// Two letters of ISO 3166.
    pub country: Option<String>,
}

/// An organization that a person belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organization {
    /// The organization that grants the roles.
    pub id: i64,
    /// The code of the organization that the person belongs to.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The person's roles in it.
    pub roles: Vec<Role>,
}

/// A role within an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Role {
    /// The role's id.
    pub id: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A group that a person belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Group {
    /// The group's id; 0 is no group.
    pub id: u32,
    /// The title; without one the vendor sends the id alone and `group` is null.
    pub title: Option<String>,
}

/// A person's ids at other identity providers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Linked {
    /// Alipay.
    pub alipay: Option<String>,
    /// Apple.
    pub apple: Option<String>,
    /// Facebook.
    pub facebook: Option<String>,
    /// Google; only AnqiCMS has it, the other eight only Quectel.
    pub google: Option<String>,
    /// QQ.
    pub qq: Option<String>,
    /// Twitter.
    pub twitter: Option<String>,
    /// A `WeChat` mini program.
    pub wechat_mini_program: Option<String>,
    /// A `WeChat` official account.
    pub wechat_official_account: Option<String>,
    /// `WeChat`, across applications.
    pub wechat_union: Option<String>,
}
