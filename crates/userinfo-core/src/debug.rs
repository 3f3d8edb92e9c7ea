//! What `Debug` shows of a user and its parts: nothing about the person.

use std::{borrow::Cow, fmt};

use crate::{
    Address, Email, Gender, Group, LinkedIdentity, Login, Name, Organization, Phone, Profile, Role, Status,
    User,
};

/// Shows which fields are set, and the values of those that say nothing about a person.
impl fmt::Debug for Profile {
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
            .field("status", &self.status)
            .field("set", &set)
            .field("masked", &known(&self.masked))
            .field("extra", &self.extra)
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

/// Shows its profile.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// Shows a word of ours, and of the vendor's own words only that it is one.
impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "Active",
            Self::Disabled => "Disabled",
            Self::Pending => "Pending",
            Self::Banned => "Banned",
            Self::Other(_) => "Other(..)",
        })
    }
}

impl fmt::Debug for Gender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gender(..)")
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
        f.write_str("LinkedIdentity(..)")
    }
}

/// The names that are canonical; a user that was read back may hold any text.
fn known(masked: &[Cow<'static, str>]) -> Vec<&'static str> {
    User::FIELDS.into_iter().filter(|field| masked.iter().any(|it| it == field)).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Date, Raw};

    const MARK: &str = "hunter2";

    /// A user with the mark in every field that a vendor can fill.
    fn marked() -> User {
        let mark = || Some(MARK.to_owned());
        let mut user = User::new("acme", MARK);
        (user.username, user.display_name, user.nickname) = (mark(), mark(), mark());
        user.name = Some(Name { formatted: mark(), given: mark(), middle: mark(), family: mark() });
        user.emails = vec![Email::new(MARK)];
        user.phones = vec![Phone::new(MARK)];
        user.logins = vec![Login { kind: mark(), value: MARK.to_owned() }];
        (user.avatar_url, user.profile_url, user.bio) = (mark(), mark(), mark());
        user.gender = Some(Gender::Other(MARK.to_owned()));
        user.birth_date = Date::at_start_of("1815-12-10");
        (user.language, user.time_zone, user.nationality, user.tenant) = (mark(), mark(), mark(), mark());
        let (formatted, street, locality) = (mark(), mark(), mark());
        let (region, postal_code, country) = (mark(), mark(), mark());
        user.address = Some(Address { formatted, street, locality, region, postal_code, country });
        user.status = Some(Status::Other(MARK.to_owned()));
        let role = Role { id: mark(), code: mark(), name: mark() };
        user.organizations = vec![Organization { id: mark(), code: mark(), name: mark(), roles: vec![role] }];
        user.groups = vec![Group { id: mark(), name: mark() }];
        user.linked_identities = vec![LinkedIdentity { provider: MARK.into(), id: MARK.to_owned() }];
        user.masked = vec![MARK.into(), "bio".into()];
        user.extra.insert_json("wire_name", &MARK);
        user.raw = Raw::new(Bytes::from_static(b"{\"a\":\"hunter2\"}"), &[]);
        user
    }

    #[test]
    fn debug_of_a_user_shows_what_is_set_and_nothing_about_the_person() {
        for text in [format!("{:?}", marked()), format!("{:#?}", marked())] {
            assert!(!text.contains(MARK) && !text.contains("1815"), "{text}");
            for shown in ["acme", "wire_name", "birth_date", "bio", "Raw(15 bytes)"] {
                assert!(text.contains(shown), "{shown} in {text}");
            }
        }
    }

    #[test]
    fn debug_of_a_part_shows_nothing_about_the_person() {
        let Profile { name, emails, phones, logins, gender, address, status, .. } = marked().into_profile();
        let Profile { organizations, groups, linked_identities, extra, raw, .. } = marked().into_profile();
        let roles = &organizations[0].roles;
        let shown = format!(
            "{name:?} {emails:?} {phones:?} {logins:?} {gender:?} {address:?} {status:?} {organizations:?} \
             {roles:?} {groups:?} {linked_identities:?} {extra:?} {raw:?} {:?}",
            marked().explain()
        );
        assert!(!shown.contains(MARK), "{shown}");
    }

    #[test]
    fn a_status_of_ours_is_shown() {
        let mut user = User::new("acme", "1");
        user.status = Some(Status::Banned);
        assert!(format!("{user:?}").contains("Banned"));
    }
}
