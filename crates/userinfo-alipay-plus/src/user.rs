use userinfo_core::{
    Address, Date, Email, ErrorKind, Extra, Field, Gender, Login, Name, Object, Phone, Profile, Raw, Result,
    Source, Status, User, is_absolute_url,
};
use userinfo_http::{BaseUrl, Reply};

const PHONES: &[&str] = &["MOBILE_PHONE", "MOBILE", "TELEPHONE"];
const EMAILS: &[&str] = &["EMAIL"];

/// Where each canonical field comes from.
pub(crate) static FIELDS: &[Field] = &[
    Field::new("id", &[Source::at("/userInfo/userId")]),
    Field::new(
        "display_name",
        &[Source::at("/userInfo/nickName"), Source::at("/userInfo/userName/fullName")],
    ),
    Field::new("nickname", &[Source::at("/userInfo/nickName")]),
    Field::new(
        "name",
        &[
            Source::at("/userInfo/userName/fullName"),
            Source::at("/userInfo/userName/firstName"),
            Source::at("/userInfo/userName/middleName"),
            Source::at("/userInfo/userName/lastName"),
        ],
    ),
    Field::new("emails", &[Source::at("/userInfo/contactInfos/*/contactNo").when("contactType", EMAILS)]),
    Field::new("phones", &[Source::at("/userInfo/contactInfos/*/contactNo").when("contactType", PHONES)]),
    Field::new(
        "logins",
        &[
            Source::at("/userInfo/loginIdInfos/*/loginId"),
            Source::at("/userInfo/loginIdInfos/*/loginIdType"),
            Source::at("/userInfo/loginIdInfos/*/maskLoginId").when("loginId", &[""]),
        ],
    ),
    Field::new("avatar_url", &[Source::at("/userInfo/avatar")]),
    Field::new("gender", &[Source::at("/userInfo/gender")]),
    Field::new("birth_date", &[Source::at("/userInfo/birthDate"), Source::at("/userInfo/birthday")]),
    Field::new("nationality", &[Source::at("/userInfo/nationality")]),
    Field::new(
        "address",
        &[
            Source::at("/userInfo/userAddresses/0/region"),
            Source::at("/userInfo/userAddresses/0/state"),
            Source::at("/userInfo/userAddresses/0/city"),
            Source::at("/userInfo/userAddresses/0/address1"),
            Source::at("/userInfo/userAddresses/0/zipCode"),
        ],
    ),
    Field::new("status", &[Source::at("/userInfo/status")]),
    Field::new(
        "extra",
        &[
            Source::at("/userInfo/extendInfo"),
            Source::at("/userInfo/userName"),
            Source::at("/userInfo/loginIdInfos"),
            Source::at("/userInfo/contactInfos"),
            Source::at("/userInfo/userAddresses"),
        ],
    ),
];

/// Maps `userInfo` to a user; `beside` is what stood next to it, and counts where the user says nothing.
pub(crate) fn map(
    mut info: Object<'_>,
    beside: Extra,
    reply: &Reply,
    base: Option<&BaseUrl>,
) -> Result<User> {
    let id = info.take_id("userId");
    let id = id.ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without the user's id"))?;
    let mut user = User::new("alipay-plus", id);
    user.extra = beside;
    user.nickname = info.take_text("nickName");
    user.name = name(&mut info, &mut user.extra);
    user.avatar_url = info.take_text_as("avatar", |address| avatar(address, base));
    user.gender = info.take_word("gender").map(gender);
    user.birth_date = info.take_text_as("birthDate", Date::at_start_of);
    if user.birth_date.is_none() {
        // The name of the member in the first version of the API.
        user.birth_date = info.take_text_as("birthday", Date::at_start_of);
    }
    user.nationality = info.take_text("nationality");
    user.status = info.take_word("status").map(status);
    user.address = address(&mut info, &mut user.extra);
    contacts(&mut info, &mut user);
    let has_mask = logins(&mut info, &mut user);
    user.extra.append(info.rest());
    user.raw = Raw::new(reply.body().clone(), FIELDS);
    let mut user = user.complete();
    if has_mask && !user.is_masked("logins") {
        user.masked.push("logins".into());
        user.masked.sort_by_key(|field| User::FIELDS.iter().position(|it| it == field));
    }
    Ok(user)
}

fn name(info: &mut Object<'_>, extra: &mut Extra) -> Option<Name> {
    let mut object = info.get("userName").and_then(Object::within)?;
    info.take("userName");
    let name = Name {
        formatted: object.take_text("fullName"),
        given: object.take_text("firstName"),
        middle: object.take_text("middleName"),
        family: object.take_text("lastName"),
    };
    keep(extra, "userName", &object.rest());
    name.known()
}

/// An absolute address, or a path joined to the base, where there is one.
fn avatar(address: &str, base: Option<&BaseUrl>) -> Option<String> {
    if is_absolute_url(address) {
        return Some(address.to_owned());
    }
    base.filter(|_| address.starts_with('/'))?.resolve(address)
}

fn gender(word: String) -> Gender {
    match word.to_ascii_uppercase().as_str() {
        "M" | "MALE" => Gender::Male,
        "F" | "FEMALE" => Gender::Female,
        _ => Gender::from(word),
    }
}

fn status(word: String) -> Status {
    if word.eq_ignore_ascii_case("ACTIVE") { Status::Active } else { Status::from(word) }
}

/// The first address; what it says besides, and the others, go to `extra`.
fn address(info: &mut Object<'_>, extra: &mut Extra) -> Option<Address> {
    let mut found = None;
    info.take_rows("userAddresses", extra, |row, _| {
        let first = found.is_none();
        let address = found.get_or_insert_with(Address::default);
        if first {
            *address = Address {
                country: row.take_text("region"),
                region: row.take_text("state"),
                locality: row.take_text("city"),
                street: row.take_text("address1"),
                postal_code: row.take_text("zipCode"),
                formatted: None,
            };
        }
    });
    found.and_then(Address::known)
}

/// Phones and e-mail addresses; a contact of another type stays as it is.
fn contacts(info: &mut Object<'_>, user: &mut Profile) {
    let Profile { extra, phones, emails, .. } = user;
    info.take_rows("contactInfos", extra, |row, _| {
        let kind = row.get("contactType").and_then(|it| serde_json::from_str(it.get()).ok());
        let kind: String = kind.unwrap_or_default();
        let is = |kinds: &[&str]| kinds.iter().any(|it| it.eq_ignore_ascii_case(&kind));
        let taken = if is(PHONES) {
            row.take_id("contactNo").map(|number| phones.push(Phone::new(number)))
        } else if is(EMAILS) {
            row.take_text("contactNo").map(|address| emails.push(Email::new(address)))
        } else {
            None
        };
        if taken.is_some() {
            row.take("contactType");
        }
    });
}

/// Login ids; says whether one is known by its mask alone.
fn logins(info: &mut Object<'_>, user: &mut Profile) -> bool {
    let mut has_mask = false;
    let Profile { extra, logins, .. } = user;
    info.take_rows("loginIdInfos", extra, |row, _| {
        let plain = row.take_id("loginId");
        has_mask |= plain.is_none() && row.get("maskLoginId").is_some_and(|it| it.get() != "\"\"");
        let value = plain.or_else(|| row.take_id("maskLoginId"));
        if let Some(value) = value {
            logins.push(Login { kind: row.take_text("loginIdType"), value });
        }
    });
    has_mask
}

fn keep(extra: &mut Extra, name: &'static str, rest: &Extra) {
    if !rest.is_empty() {
        extra.insert_json(name, rest);
    }
}

#[cfg(test)]
mod tests;
