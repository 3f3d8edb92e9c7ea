use userinfo_core::{
    Email, ErrorKind, Extra, Field, Group, LinkedIdentity, Name, Object, Phone, Raw, Result, Source, Status,
    Timestamp, User, is_absolute_url,
};
use userinfo_http::{BaseUrl, Reply};

/// Where each canonical field comes from.
pub(crate) static FIELDS: &[Field] = &[
    Field::new("id", &[Source::at("/data/id")]),
    Field::new("username", &[Source::at("/data/user_name")]),
    Field::new("display_name", &[Source::at("/data/real_name"), Source::at("/data/user_name")]),
    Field::new(
        "name",
        &[Source::at("/data/real_name"), Source::at("/data/first_name"), Source::at("/data/last_name")],
    ),
    Field::new("emails", &[Source::at("/data/email"), Source::at("/data/email_verified")]),
    Field::new("phones", &[Source::at("/data/phone")]),
    Field::new("avatar_url", &[Source::at("/data/full_avatar_url"), Source::at("/data/avatar_url")]),
    Field::new("profile_url", &[Source::at("/data/link")]),
    Field::new("bio", &[Source::at("/data/introduce")]),
    Field::new("status", &[Source::at("/data/status")]),
    Field::new(
        "groups",
        &[Source::at("/data/group_id"), Source::at("/data/group/id"), Source::at("/data/group/title")],
    ),
    Field::new("linked_identities", &[Source::at("/data/google_id")]),
    Field::new("created_at", &[Source::at("/data/created_time")]),
    Field::new("updated_at", &[Source::at("/data/updated_time")]),
    Field::new("last_login_at", &[Source::at("/data/last_login")]),
    Field::new("expires_at", &[Source::at("/data/expire_time")]),
    Field::new(
        "extra",
        &[
            Source::at("/data/parent_id"),
            Source::at("/data/is_retailer"),
            Source::at("/data/balance"),
            Source::at("/data/total_reward"),
            Source::at("/data/invite_code"),
            Source::at("/data/extra"),
            Source::at("/data/group"),
            Source::at("/data/url_token"),
            Source::at("/data/birthday"),
            Source::at("/data/reset_password"),
        ],
    ),
];

/// Maps `data` to a user. Times are in seconds, money stays in hundredths, `token` is a credential.
pub(crate) fn map(
    mut data: Object<'_>,
    beside: Extra,
    reply: &Reply,
    base: Option<&BaseUrl>,
) -> Result<User> {
    let id = data.take_id("id").filter(|id| id != "0");
    let id = id.ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without the user's id"))?;
    let mut user = User::new("anqicms", id);
    user.username = data.take_text("user_name");
    user.name = Name {
        formatted: data.take_text("real_name"),
        given: data.take_text("first_name"),
        family: data.take_text("last_name"),
        middle: None,
    }
    .known();
    user.emails = emails(&mut data);
    user.phones.extend(data.take_text("phone").map(Phone::new));
    user.avatar_url = avatar(&mut data, base);
    user.profile_url = data.take_text_as("link", |link| address(link, base));
    user.bio = data.take_text("introduce");
    user.status = data.take_word("status").map(status);
    let (groups, left) = groups(&mut data);
    user.groups = groups;
    user.linked_identities.extend(data.take_text("google_id").map(|id| LinkedIdentity::new("google", id)));
    user.created_at = data.take_time("created_time", Timestamp::from_unix_seconds);
    user.updated_at = data.take_time("updated_time", Timestamp::from_unix_seconds);
    user.last_login_at = data.take_time("last_login", Timestamp::from_unix_seconds);
    user.expires_at = data.take_time("expire_time", Timestamp::from_unix_seconds);
    // The day of a birthday in seconds depends on a zone that nobody states: it stays a number.
    data.drop_zero("birthday");
    // A credential, blanked by now or empty.
    data.take("token");
    user.extra = beside;
    user.extra.append(left);
    user.extra.append(data.rest());
    user.raw = Raw::new(reply.body().clone(), FIELDS);
    Ok(user.complete())
}

fn emails(data: &mut Object<'_>) -> Vec<Email> {
    let Some(value) = data.take_text("email") else { return Vec::new() };
    vec![Email { value, verified: data.take_bool("email_verified") }]
}

/// The complete address, else the relative one joined to the base. Another picture beside it stays.
fn avatar(data: &mut Object<'_>, base: Option<&BaseUrl>) -> Option<String> {
    let complete = data.take_text_as("full_avatar_url", |it| address(it, base));
    let same = |it: &str| complete.as_ref()?.ends_with(it.trim_start_matches('/')).then_some(());
    if complete.is_some() {
        data.take_text_as("avatar_url", same);
        return complete;
    }
    data.take_text_as("avatar_url", |it| address(it, base))
}

/// Keeps an absolute address and `//host/…`; joins a path to the base, where there is one.
fn address(text: &str, base: Option<&BaseUrl>) -> Option<String> {
    let on_any_scheme =
        text.strip_prefix("//").is_some_and(|rest| is_absolute_url(&format!("https://{rest}")));
    if on_any_scheme || is_absolute_url(text) { Some(text.to_owned()) } else { base?.resolve(text) }
}

fn status(word: String) -> Status {
    match word.as_str() {
        "1" => Status::Active,
        "0" => Status::Pending,
        "-1" => Status::Banned,
        _ => Status::Other(word),
    }
}

/// The one group, and what else its object says; an object of another group stays whole.
fn groups(data: &mut Object<'_>) -> (Vec<Group>, Extra) {
    let mut extra = Extra::default();
    let mut group = Group { id: data.take_id("group_id").filter(|id| id != "0"), name: None };
    let own = data.get("group").and_then(Object::within).and_then(|mut object| {
        let id = object.take_id("id").filter(|id| id != "0");
        (group.id.is_none() || id.is_none() || id == group.id).then_some((id, object))
    });
    if let Some((id, mut object)) = own {
        data.take("group");
        group.id = group.id.or(id);
        group.name = object.take_text("title");
        let rest = object.rest();
        if !rest.is_empty() {
            extra.insert_json("group", &rest);
        }
    }
    let known = group.id.is_some() || group.name.is_some();
    (known.then_some(group).into_iter().collect(), extra)
}

#[cfg(test)]
mod tests;
