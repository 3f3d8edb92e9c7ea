use userinfo_core::{
    Address, Email, ErrorKind, Extra, Field, Gender, LinkedIdentity, Object, Phone, Raw, RawValue, Reading,
    Result, Source, Status, Timestamp, User, is_absolute_url,
};
use userinfo_http::{BaseUrl, Reply};

use crate::Region;

/// Where each canonical field comes from.
pub(crate) static FIELDS: &[Field] = &[
    Field::new("id", &[Source::at("/data/uid")]),
    Field::new("display_name", &[Source::at("/data/nikeName"), Source::at("/data/nickName")]),
    Field::new("nickname", &[Source::at("/data/nikeName"), Source::at("/data/nickName")]),
    Field::new("emails", &[Source::at("/data/email")]),
    Field::new("phones", &[Source::at("/data/phone")]),
    Field::new(
        "avatar_url",
        &[Source::at("/data/headimg"), Source::at("/data/headImage"), Source::at("/data/headImg")],
    ),
    Field::new("bio", &[Source::at("/data/signature")]),
    Field::new("gender", &[Source::at("/data/sex")]),
    Field::new("language", &[Source::at("/data/lang")]),
    Field::new("time_zone", &[Source::at("/data/timezone")]),
    Field::new(
        "address",
        &[
            Source::at("/data/address"),
            Source::at("/data/city"),
            Source::at("/data/province"),
            Source::at("/data/nationality"),
        ],
    ),
    Field::new("status", &[Source::at("/data/status")]),
    Field::new("tenant", &[Source::at("/data/userDomain")]),
    Field::new(
        "linked_identities",
        &[
            Source::at("/data/alipayUserId"),
            Source::at("/data/appleUserId"),
            Source::at("/data/facebookUserId"),
            Source::at("/data/qqUserId"),
            Source::at("/data/twitterUserId"),
            Source::at("/data/wechatMiniprogramUserId"),
            Source::at("/data/wechatOffiaccountUserId"),
            Source::at("/data/wechatUnionId"),
        ],
    ),
    Field::new("created_at", &[Source::at("/data/registerTimeTs"), Source::at("/data/registerTime")]),
    Field::new("last_login_at", &[Source::at("/data/lastLoginTimeTs"), Source::at("/data/lastLoginTime")]),
    Field::new(
        "extra",
        &[
            Source::at("/data/logonMode"),
            Source::at("/data/remark"),
            Source::at("/data/headimg"),
            Source::at("/data/registerTime"),
            Source::at("/data/lastLoginTime"),
            Source::at("/extMsg"),
        ],
    ),
];

/// The ids that the user has elsewhere, and where.
const LINKED: [(&str, &str); 8] = [
    ("alipayUserId", "alipay"),
    ("appleUserId", "apple"),
    ("facebookUserId", "facebook"),
    ("qqUserId", "qq"),
    ("twitterUserId", "twitter"),
    ("wechatMiniprogramUserId", "wechat-mini-program"),
    ("wechatOffiaccountUserId", "wechat-official-account"),
    ("wechatUnionId", "wechat-union"),
];

/// How to read a time that is told as `YYYY-MM-DD HH:MM:SS`.
///
/// In all published samples of the Chinese host the text is UTC+8. Nothing proves that for another host:
/// there such a text stays in `extra` unless a twin says the same in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTimes {
    /// A clock in China: UTC+8.
    China,
    /// Nobody knows whose clock.
    Unproven,
}

/// Maps `data` to a user. 0 is a value in `sex`, `status` and `logonMode`, and "not set" in a time.
pub(crate) fn map(mut data: Object<'_>, beside: Extra, reply: &Reply, texts: TextTimes) -> Result<User> {
    let id = data.take_id("uid");
    let id = id.ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without the user's uid"))?;
    let mut user = User::new("quectel", id);
    user.nickname = data.take_text("nikeName").or_else(|| data.take_text("nickName"));
    user.emails.extend(data.take_text("email").map(Email::new));
    user.phones.extend(data.take_text("phone").map(Phone::new));
    user.avatar_url = avatar(&mut data);
    user.bio = data.take_text("signature");
    user.gender = data.take_word("sex").map(gender);
    user.language = data.take_word("lang");
    user.time_zone = data.take_word("timezone");
    user.address = address(&mut data);
    user.status = data.take_word("status").map(status);
    user.tenant = data.take_text("userDomain");
    user.linked_identities = linked_identities(&mut data);
    user.created_at = time(&mut data, ["registerTimeTs", "registerTime"], texts);
    user.last_login_at = time(&mut data, ["lastLoginTimeTs", "lastLoginTime"], texts);
    data.take("userDomainSecret");
    user.extra = beside;
    user.extra.append(data.rest());
    user.raw = Raw::new(reply.body().clone(), FIELDS);
    Ok(user.complete())
}

impl TextTimes {
    /// Judges by the host: a custom base URL may name the Chinese host too.
    pub(crate) fn of(base: &BaseUrl) -> Self {
        let host = base.host().split(':').next().unwrap_or_default();
        if host.eq_ignore_ascii_case(Region::China.base_url().host()) { Self::China } else { Self::Unproven }
    }

    fn read(self, text: &str) -> Option<Timestamp> {
        match self {
            Self::China => Timestamp::from_civil(text, 8),
            Self::Unproven => None,
        }
    }
}

/// The first absolute address, under the name of the page or one of those that setters write.
fn avatar(data: &mut Object<'_>) -> Option<String> {
    let absolute = |address: &str| is_absolute_url(address).then(|| address.to_owned());
    ["headimg", "headImage", "headImg"].into_iter().find_map(|name| data.take_text_as(name, absolute))
}

/// `nationality` is labelled "Country" on the page of this call.
fn address(data: &mut Object<'_>) -> Option<Address> {
    let address = Address {
        formatted: data.take_text("address"),
        locality: data.take_text("city"),
        region: data.take_text("province"),
        country: data.take_word("nationality"),
        ..Address::default()
    };
    address.known()
}

fn linked_identities(data: &mut Object<'_>) -> Vec<LinkedIdentity> {
    let one = |(name, provider)| data.take_id(name).map(|id| LinkedIdentity::new(provider, id));
    LINKED.into_iter().filter_map(one).collect()
}

/// The first of a pair that is set: `…Ts` in milliseconds, else the twin as an integer, else as text.
fn time(data: &mut Object<'_>, [precise, twin]: [&str; 2], texts: TextTimes) -> Option<Timestamp> {
    if let Some(time) = data.take_time(precise, Timestamp::from_unix_millis) {
        data.take_by(twin, |value| said_again(value, time));
        return Some(time);
    }
    let number = data.take_time(twin, millis_of_our_era);
    number.or_else(|| data.take_text_as(twin, |text| texts.read(text)))
}

/// A twin that adds nothing goes: one that is not set, the same number, or the text of the same second in China.
fn said_again(twin: &RawValue, time: Timestamp) -> Reading<()> {
    let text = twin.get().trim_matches('"');
    let as_text = Timestamp::from_civil(text, 8).map(Timestamp::unix_seconds);
    let is_same = text == time.unix_millis().to_string() || as_text == Some(time.unix_seconds());
    if is_same || matches!(text, "" | "0") { Reading::NotSet } else { Reading::Strange }
}

/// A positive number below 10^11 would be a time before March 1973: it is no time in milliseconds.
fn millis_of_our_era(number: i64) -> Option<Timestamp> {
    if (1..100_000_000_000).contains(&number) { None } else { Timestamp::from_unix_millis(number) }
}

/// The numbers of the page that sets it:
/// <https://github.com/JFish-ByHu/cms_repo/blob/680c2e6/docsEU/en/appDevelop/OpenAPI/APIList/setUserInfo.md>
fn gender(word: String) -> Gender {
    match word.as_str() {
        "0" => Gender::Male,
        "1" => Gender::Female,
        "2" => Gender::Undisclosed,
        _ => word.into(),
    }
}

fn status(word: String) -> Status {
    match word.as_str() {
        "1" => Status::Active,
        "0" => Status::Disabled,
        _ => word.into(),
    }
}

#[cfg(test)]
mod tests;
