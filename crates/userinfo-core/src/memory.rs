//! How much memory a user takes, for whoever keeps many.

use std::borrow::Cow;

use crate::{
    Address, Email, Gender, Group, LinkedIdentity, Login, Name, Organization, Phone, Profile, Role, Status,
    User,
};

/// What an allocator takes for one allocation besides what was asked for, at most.
const ALLOCATION: usize = 32;
/// What one entry of a tree takes besides its key and value: the tree may be half empty.
const TREE_ENTRY: usize = 2 * (size_of::<String>() + size_of::<Box<str>>());

impl User {
    /// Estimates how many bytes of memory the user takes, answer as received included; never too low.
    ///
    /// Text that the user shares with others, such as the name of the provider, may count as its own.
    #[must_use]
    pub fn memory(&self) -> usize {
        // Every field by name: a new one does not compile before it is counted.
        let Profile {
            provider,
            id,
            username,
            display_name,
            nickname,
            name,
            emails,
            phones,
            logins,
            avatar_url,
            profile_url,
            bio,
            gender,
            birth_date: _,
            language,
            time_zone,
            nationality,
            address,
            status,
            tenant,
            organizations,
            groups,
            linked_identities,
            created_at: _,
            updated_at: _,
            last_login_at: _,
            expires_at: _,
            masked,
            extra,
            raw,
        } = &**self;
        let texts = [
            username,
            display_name,
            nickname,
            avatar_url,
            profile_url,
            bio,
            language,
            time_zone,
            nationality,
            tenant,
        ];
        let name = name.as_ref().map_or(0, |Name { formatted, given, middle, family }| {
            [formatted, given, middle, family].into_iter().map(text).sum()
        });
        let address = address.as_ref().map_or(0, |it| {
            let Address { formatted, street, locality, region, postal_code, country } = it;
            [formatted, street, locality, region, postal_code, country].into_iter().map(text).sum()
        });
        let word = match (gender, status) {
            (Some(Gender::Other(gender)), Some(Status::Other(status))) => string(gender) + string(status),
            (Some(Gender::Other(word)), _) | (_, Some(Status::Other(word))) => string(word),
            _ => 0,
        };
        let extra: usize = extra
            .iter()
            .map(|(name, value)| name.len() + value.get().len() + TREE_ENTRY + 2 * ALLOCATION)
            .sum();
        // The bytes are a slice of the buffer that the answer was read into, which may be twice as large.
        let raw = 2 * raw.as_bytes().len() + ALLOCATION;
        [
            size_of::<Profile>() + ALLOCATION,
            cow(provider) + string(id),
            texts.into_iter().map(text).sum(),
            name + address + word + extra + raw,
            list(emails, |Email { value, verified: _ }| string(value)),
            list(phones, |Phone { value, verified: _ }| string(value)),
            list(logins, |Login { kind, value }| text(kind) + string(value)),
            list(organizations, organization),
            list(groups, |Group { id, name }| text(id) + text(name)),
            list(linked_identities, |LinkedIdentity { provider, id }| cow(provider) + string(id)),
            list(masked, cow),
        ]
        .into_iter()
        .sum()
    }
}

fn organization(Organization { id, code, name, roles }: &Organization) -> usize {
    let role = |Role { id, code, name }: &Role| text(id) + text(code) + text(name);
    text(id) + text(code) + text(name) + list(roles, role)
}

#[expect(clippy::ptr_arg, reason = "the capacity counts")]
fn string(text: &String) -> usize {
    if text.capacity() == 0 { 0 } else { text.capacity() + ALLOCATION }
}

#[expect(clippy::ref_option, reason = "fields are asked by reference, and mapped as they are")]
fn text(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, string)
}

#[expect(clippy::ptr_arg, reason = "borrowed text takes no memory")]
fn cow(text: &Cow<'static, str>) -> usize {
    match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => string(text),
    }
}

#[expect(clippy::ptr_arg, reason = "the capacity counts")]
fn list<T>(items: &Vec<T>, within: impl Fn(&T) -> usize) -> usize {
    if items.capacity() == 0 {
        return 0;
    }
    items.capacity() * size_of::<T>() + ALLOCATION + items.iter().map(within).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raw;

    #[test]
    fn text_anywhere_is_counted() {
        let long = "x".repeat(10_000);
        let plain = User::new("acme", "1").memory();
        let some = || Some(long.clone());
        let change: [fn(&mut Profile, Option<String>); 12] = [
            |it, long| it.id = long.unwrap_or_default(),
            |it, long| it.bio = long,
            |it, long| it.name = Some(Name { family: long, ..Name::default() }),
            |it, long| it.address = Some(Address { country: long, ..Address::default() }),
            |it, long| it.gender = long.map(Gender::Other),
            |it, long| it.status = long.map(Status::Other),
            |it, long| it.emails.extend(long.map(Email::new)),
            |it, long| it.groups.push(Group { id: long, name: None }),
            |it, long| {
                let roles = vec![Role { code: long, ..Role::default() }];
                it.organizations.push(Organization { roles, ..Organization::default() });
            },
            |it, long| it.masked.extend(long.map(Cow::Owned)),
            |it, long| it.extra.insert_json("it", &long),
            |it, long| it.raw = Raw::new(long.unwrap_or_default().into(), &[]),
        ];
        for (at, change) in change.into_iter().enumerate() {
            let mut user = User::new("acme", "1");
            change(&mut user, some());
            assert!((plain + 9_999..plain + 25_000).contains(&user.memory()), "{at}: {}", user.memory());
        }
        assert!((size_of::<Profile>()..size_of::<Profile>() + 1000).contains(&plain));
    }

    #[test]
    fn the_words_of_gender_and_status_are_both_counted() {
        let mut user = User::new("acme", "1");
        user.gender = Some(Gender::Other("g".repeat(1000)));
        user.status = Some(Status::Other("s".repeat(1000)));
        assert!(user.memory() >= User::new("acme", "1").memory() + 2000);
    }
}
