//! A person as Alipay+ tells of them.

use crate::{
    json::Json,
    people::{Address, Gender, Login, Person, Status, Unset},
    record::Record,
};

/// `userInfo`, in the order of the vendor page, then `userAddresses` of the dictionary.
pub(crate) fn record(person: &Person) -> Json {
    let logins: Vec<_> = person.logins.iter().map(login).collect();
    let contacts = contacts(person);
    let list = |items: Vec<Json>| (!items.is_empty()).then_some(Json::List(items));
    Record::new(person.unset)
        .always("userId", person.ids.alipay_plus.as_str())
        .text("status", person.status.map(status))
        .text("nickName", person.nickname.as_deref())
        .put("userName", user_name(person), Json::empty())
        .text("avatar", person.avatar.as_deref())
        .text("gender", person.gender.map(gender))
        .text("birthDate", person.birth_date.as_deref())
        .text("nationality", person.nationality.as_deref())
        .put("loginIdInfos", list(logins), Json::List(Vec::new()))
        .put("contactInfos", list(contacts), Json::List(Vec::new()))
        .text("extendInfo", person.extend_info.as_deref())
        .put(
            "userAddresses",
            person.address.as_ref().map(|it| vec![address(it)].into()),
            Json::List(Vec::new()),
        )
        .done()
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "ACTIVE",
        Status::Disabled | Status::Banned => "FROZEN",
        Status::Pending => "INACTIVE",
    }
}

/// The page writes `MALE` in full, so that is what the wallet sends.
const fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Male => "MALE",
        Gender::Female => "FEMALE",
        Gender::Undisclosed => "X",
    }
}

fn user_name(person: &Person) -> Option<Json> {
    let parts = [&person.full_name, &person.given_name, &person.family_name, &person.middle_name];
    parts.iter().any(|it| it.is_some()).then(|| {
        Record::new(if person.unset == Unset::Empty { Unset::Missing } else { person.unset })
            .text("fullName", person.full_name.as_deref())
            .text("firstName", person.given_name.as_deref())
            .text("lastName", person.family_name.as_deref())
            .text("middleName", person.middle_name.as_deref())
            .done()
    })
}

fn login(login: &Login) -> Json {
    Record::new(Unset::Missing)
        .text("loginId", login.value.as_deref())
        .always("loginIdType", login.kind.as_str())
        .text("maskLoginId", login.mask.as_deref())
        .text("hashLoginId", login.hash.as_deref())
        .done()
}

fn contacts(person: &Person) -> Vec<Json> {
    let contact = |value: &Option<String>, kind: &str| {
        let value = value.as_deref()?;
        Some(Json::object([("contactNo", value.into()), ("contactType", kind.into())]))
    };
    [contact(&person.phone, "MOBILE_PHONE"), contact(&person.email, "EMAIL")].into_iter().flatten().collect()
}

fn address(address: &Address) -> Json {
    Record::new(Unset::Missing)
        .text("region", address.country.as_deref())
        .text("state", address.region.as_deref())
        .text("city", address.locality.as_deref())
        .text("address1", address.street.as_deref())
        .text("zipCode", address.postal_code.as_deref())
        .done()
}
