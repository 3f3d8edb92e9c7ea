use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Address, Freshness, Name, Profile, mask};

/// A user, in the one shape that every provider maps to: a small handle on a [`Profile`].
///
/// The fields are those of [`Profile`]: `user.id`, `user.nickname`. What the vendor did not say is absent:
/// `None` or an empty list, never `""`. The serde form is the canonical JSON, in which absent fields are left
/// out. `Debug` masks personal data, `Serialize` gives it whole. A user never carries a token.
///
/// A clone shares the profile, so it costs next to nothing; changing a field of a shared one copies it first.
/// Two users are equal if their profiles are.
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
#[derive(Clone, Default)]
pub struct User {
    profile: Arc<Profile>,
    freshness: Freshness,
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
        Profile { provider: provider.into(), id: id.into(), ..Profile::default() }.into()
    }

    /// Says whether a kept copy is past its time, and how old it is then. Not part of the canonical JSON.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// Marks this copy; a cache's to call.
    #[must_use]
    pub fn with_freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }

    /// Hands out the profile, to take fields out of it; copies it if it is shared.
    #[must_use]
    pub fn into_profile(self) -> Profile {
        Arc::unwrap_or_clone(self.profile)
    }

    /// Fills in what follows from the other fields: `display_name` and `masked`. A provider's last step.
    #[must_use]
    pub fn complete(mut self) -> Self {
        let profile = &mut *self;
        let formatted = profile.name.as_ref().and_then(|name| name.formatted.as_ref());
        profile.display_name = profile.nickname.as_ref().or(formatted).or(profile.username.as_ref()).cloned();
        for field in mask::masked_fields(profile) {
            if !profile.masked.iter().any(|it| it == field) {
                profile.masked.push(field.into());
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

impl From<Profile> for User {
    fn from(profile: Profile) -> Self {
        Self { profile: Arc::new(profile), freshness: Freshness::Fresh }
    }
}

impl Deref for User {
    type Target = Profile;

    fn deref(&self) -> &Profile {
        &self.profile
    }
}

/// Copies the profile first if it is shared.
impl DerefMut for User {
    fn deref_mut(&mut self) -> &mut Profile {
        Arc::make_mut(&mut self.profile)
    }
}

/// Compares what is known, not how fresh the copy is.
impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.profile.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for User {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Profile::deserialize(deserializer).map(Self::from)
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
    use crate::{Date, Email, Gender, Group, LinkedIdentity, Login, Organization, Phone, Status, Timestamp};

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
    fn a_clone_shares_the_profile_until_one_of_the_two_is_changed() {
        let user = User::new("acme", "1");
        let mut clone = user.clone();
        assert!(std::ptr::eq(&raw const user.id, &raw const clone.id));
        clone.nickname = Some("Ada".to_owned());
        assert_eq!((user.nickname.as_deref(), clone.nickname.as_deref()), (None, Some("Ada")));
        assert!(size_of::<crate::Result<User>>() <= 24, "{}", size_of::<crate::Result<User>>());
    }

    #[test]
    fn how_fresh_a_copy_is_changes_nothing_about_the_user() {
        let user = User::new("acme", "1");
        let stale = Freshness::Stale { age: std::time::Duration::from_secs(7) };
        let kept = user.clone().with_freshness(stale);
        assert_eq!((user.freshness(), kept.freshness()), (Freshness::Fresh, stale));
        assert_eq!(user, kept);
        assert_eq!(serde_json::to_string(&kept).expect("JSON"), serde_json::to_string(&user).expect("JSON"));
        assert_eq!(kept.clone().complete().freshness(), stale);
        assert_eq!(kept.to_masked().freshness(), stale);
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
