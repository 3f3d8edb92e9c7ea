use userinfo_core::{
    Email, ErrorKind, Extra, Field, Gender, Object, Phone, Raw, Result, Source, User, is_absolute_url,
};
use userinfo_http::{BaseUrl, Reply};

use crate::organization;

/// Where each canonical field comes from: `data` is an object, or a list of one.
pub(crate) static FIELDS: &[Field] = &[
    Field::new("id", &[Source::at("/data/userId"), Source::at("/data/0/userId")]),
    Field::new("username", &[Source::at("/data/account"), Source::at("/data/0/account")]),
    Field::new(
        "display_name",
        &[
            Source::at("/data/nickname"),
            Source::at("/data/0/nickname"),
            Source::at("/data/account"),
            Source::at("/data/0/account"),
        ],
    ),
    Field::new("nickname", &[Source::at("/data/nickname"), Source::at("/data/0/nickname")]),
    Field::new("emails", &[Source::at("/data/email"), Source::at("/data/0/email")]),
    Field::new("phones", &[Source::at("/data/phone"), Source::at("/data/0/phone")]),
    Field::new("avatar_url", &[Source::at("/data/avatar"), Source::at("/data/0/avatar")]),
    Field::new("gender", &[Source::at("/data/gender"), Source::at("/data/0/gender")]),
    Field::new(
        "organizations",
        &[
            Source::at("/data/orgList/*/orgId"),
            Source::at("/data/orgList/*/orgCode"),
            Source::at("/data/orgList/*/orgName"),
            Source::at("/data/orgList/*/roleList/*/roleId"),
            Source::at("/data/orgList/*/roleList/*/roleCode"),
            Source::at("/data/orgList/*/roleList/*/roleName"),
            Source::at("/data/0/orgList/*/orgId"),
            Source::at("/data/0/orgList/*/orgCode"),
            Source::at("/data/0/orgList/*/orgName"),
            Source::at("/data/0/orgList/*/roleList/*/roleId"),
            Source::at("/data/0/orgList/*/roleList/*/roleCode"),
            Source::at("/data/0/orgList/*/roleList/*/roleName"),
        ],
    ),
    Field::new(
        "extra",
        &[
            Source::at("/data/avatar"),
            Source::at("/data/orgList"),
            Source::at("/data/0/avatar"),
            Source::at("/data/0/orgList"),
        ],
    ),
];

/// Maps the one user; `beside` is what stood next to it, and counts where the user says nothing.
///
/// Ids are text from end to end: those of the vendor do not fit into a float.
pub(crate) fn map(
    mut data: Object<'_>,
    beside: Extra,
    reply: &Reply,
    base: Option<&BaseUrl>,
) -> Result<User> {
    let id = data.take_id("userId").filter(|id| id.bytes().all(|it| it.is_ascii_digit()));
    let id = id.ok_or_else(|| {
        reply.refuse(ErrorKind::Protocol, "a success without a userId that is a whole number")
    })?;
    let mut user = User::new("tianyin", id);
    user.username = data.take_text("account");
    user.nickname = data.take_text("nickname");
    user.emails.extend(data.take_text("email").map(Email::new));
    user.phones.extend(data.take_text("phone").map(Phone::new));
    user.avatar_url = data.take_text_as("avatar", |avatar| picture(avatar, base));
    user.gender = data.take_word("gender").map(gender);
    user.extra = beside;
    user.organizations = organization::take(&mut data, &mut user.extra);
    user.extra.append(data.rest());
    user.raw = Raw::new(reply.body().clone(), FIELDS);
    Ok(user.complete())
}

/// An absolute address, or a path joined to the base; anything else may be the name of an icon's style.
fn picture(avatar: &str, base: Option<&BaseUrl>) -> Option<String> {
    if is_absolute_url(avatar) {
        return Some(avatar.to_owned());
    }
    base.filter(|_| avatar.starts_with('/'))?.resolve(avatar)
}

/// The vendor knows two and has no value for "unknown": any other number is kept and becomes no sex.
fn gender(word: String) -> Gender {
    match word.as_str() {
        "1" => Gender::Male,
        "2" => Gender::Female,
        _ => word.into(),
    }
}

#[cfg(test)]
mod tests;
