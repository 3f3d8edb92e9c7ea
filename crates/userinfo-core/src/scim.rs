//! A user as a SCIM resource.

use serde_json::{Map, Value, json};

use crate::{Status, User};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl User {
    /// The schema that holds what [RFC 7643] has no attribute for.
    ///
    /// [RFC 7643]: https://www.rfc-editor.org/rfc/rfc7643
    pub const SCIM_SCHEMA: &str = "urn:userinfo:scim:schemas:1.0:User";

    /// Returns a SCIM core User (RFC 7643), with the enterprise extension where it fits.
    ///
    /// `id` and `externalId` are the vendor's id; `userName`, which the schema requires, is the username or
    /// else the id. `active` follows from the status and is left out where that is unknown. A masked value,
    /// a language that is no language tag, a time zone that is no name such as `Asia/Shanghai`, a relative
    /// URL and a country that is no ISO 3166-1 code are no attributes: they, and all that has no attribute,
    /// stand under [`SCIM_SCHEMA`](Self::SCIM_SCHEMA) with their canonical names.
    #[must_use]
    pub fn to_scim(&self) -> Map<String, Value> {
        let mut out = Attributes { user: self, map: Map::new() };
        let username = self.username.as_ref().filter(|_| !self.is_masked("username")).unwrap_or(&self.id);
        out.set("id", Some(json!(self.id)));
        out.set("externalId", Some(json!(self.id)));
        out.set("userName", Some(json!(username)));
        self.add_person(&mut out);
        self.add_contacts(&mut out);
        self.add_memberships(&mut out);
        let meta = [
            ("resourceType", Some("User".to_owned())),
            ("created", self.created_at.map(|it| it.to_string())),
            ("lastModified", self.updated_at.map(|it| it.to_string())),
        ];
        out.set("meta", Some(parts(meta.each_ref().map(|(name, value)| (*name, value)))));
        let mut schemas = vec![CORE];
        schemas.extend(out.map.contains_key(ENTERPRISE).then_some(ENTERPRISE));
        schemas.push(Self::SCIM_SCHEMA);
        out.set("schemas", Some(json!(schemas)));
        out.set(Self::SCIM_SCHEMA, Some(self.rest_beyond(|field| self.is_attribute(field))));
        out.map
    }

    fn add_person(&self, out: &mut Attributes<'_>) {
        let text = |value: &Option<String>| value.as_ref().map(|it| json!(it));
        out.set_clear("displayName", "display_name", text(&self.display_name));
        out.set_clear("nickName", "nickname", text(&self.nickname));
        out.set_clear("profileUrl", "profile_url", text(&self.profile_url));
        out.set_clear("preferredLanguage", "language", text(&self.language));
        out.set_clear("timezone", "time_zone", text(&self.time_zone));
        out.set("active", self.status.as_ref().and_then(Status::is_active).map(Value::Bool));
        let name = self.name.as_ref().map(|it| {
            parts([
                ("formatted", &it.formatted),
                ("givenName", &it.given),
                ("middleName", &it.middle),
                ("familyName", &it.family),
            ])
        });
        out.set_clear("name", "name", name);
    }

    fn add_contacts(&self, out: &mut Attributes<'_>) {
        out.set_clear("emails", "emails", Some(values(self.emails.iter().map(|it| &it.value))));
        out.set_clear("phoneNumbers", "phones", Some(values(self.phones.iter().map(|it| &it.value))));
        out.set_clear("photos", "avatar_url", Some(values(self.avatar_url.iter())));
        let address = self.address.as_ref().map(|it| {
            parts([
                ("formatted", &it.formatted),
                ("streetAddress", &it.street),
                ("locality", &it.locality),
                ("region", &it.region),
                ("postalCode", &it.postal_code),
                ("country", &it.country.clone().filter(|it| is_country_code(it))),
            ])
        });
        out.set_clear("addresses", "address", address.filter(|it| !is_void(it)).map(|it| json!([it])));
    }

    fn add_memberships(&self, out: &mut Attributes<'_>) {
        let groups = self.groups.iter().map(|it| parts([("value", &it.id), ("display", &it.name)]));
        out.set_clear("groups", "groups", Some(groups.collect()));
        let roles = self.organizations.iter().flat_map(|it| &it.roles);
        let roles = roles.map(|it| {
            parts([("value", if it.code.is_some() { &it.code } else { &it.id }), ("display", &it.name)])
        });
        out.set_clear("roles", "organizations", Some(roles.filter(|it| !is_void(it)).collect()));
        let organization = self.organizations.first().and_then(|it| it.name.as_ref());
        out.set_clear(ENTERPRISE, "organizations", organization.map(|name| json!({ "organization": name })));
    }

    /// Says whether a canonical field may stand in the core schema, as far as it fits there.
    fn is_attribute(&self, field: &str) -> bool {
        self.fits(field)
            && match field {
                "id" | "username" | "display_name" | "nickname" | "name" | "profile_url" | "avatar_url"
                | "language" | "time_zone" | "groups" | "created_at" | "updated_at" => true,
                "emails" => self.emails.iter().all(|it| it.verified.is_none()),
                "phones" => self.phones.iter().all(|it| it.verified.is_none()),
                "address" => {
                    let country = self.address.as_ref().and_then(|it| it.country.as_deref());
                    country.is_none_or(is_country_code)
                }
                _ => false,
            }
    }
}

struct Attributes<'a> {
    user: &'a User,
    map: Map<String, Value>,
}

impl Attributes<'_> {
    /// Sets an attribute unless there is nothing to say.
    fn set(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value.filter(|it| !is_void(it)) {
            self.map.insert(name.to_owned(), value);
        }
    }

    /// Sets an attribute unless its field is masked or in another form.
    fn set_clear(&mut self, name: &str, field: &str, value: Option<Value>) {
        if self.user.fits(field) {
            self.set(name, value);
        }
    }
}

fn parts<const N: usize>(parts: [(&str, &Option<String>); N]) -> Value {
    let set =
        parts.into_iter().filter_map(|(name, part)| part.as_ref().map(|it| (name.to_owned(), json!(it))));
    Value::Object(set.collect())
}

/// A multi-valued attribute, the first value being the primary one.
fn values<'a>(values: impl Iterator<Item = &'a String>) -> Value {
    let list = values.enumerate().map(|(at, value)| match at {
        0 => json!({ "value": value, "primary": true }),
        _ => json!({ "value": value }),
    });
    list.collect()
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn is_country_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|it| it.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Email, Group, Name, Organization, Phone, Role, Timestamp};

    #[expect(clippy::unnecessary_wraps, reason = "the fields are options")]
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn ada() -> User {
        let mut user = User::new("acme", "1000");
        (user.username, user.nickname) = (text("ada1"), text("Ada"));
        user.name = Some(Name { given: text("Ada"), family: text("L"), ..Name::default() });
        user.emails = vec![Email::new("ada@a.example"), Email::new("b@a.example")];
        user.phones = vec![Phone { value: "1380".to_owned(), verified: Some(true) }];
        user.avatar_url = text("https://a.example/a.png");
        user.profile_url = text("https://a.example/ada");
        (user.language, user.time_zone) = (text("en"), text("Europe/London"));
        user.address = Some(Address { locality: text("London"), country: text("GB"), ..Address::default() });
        user.status = Some(Status::Banned);
        let teacher = Role { id: text("7"), code: text("teacher"), name: text("Teacher") };
        let head = Role { id: text("8"), ..Role::default() };
        user.organizations = vec![Organization {
            name: text("School"),
            roles: vec![teacher, head],
            ..Organization::default()
        }];
        user.groups = vec![Group { id: text("3"), name: text("VIP") }];
        user.created_at = Timestamp::from_unix_seconds(0);
        user.updated_at = Timestamp::from_unix_millis(1_500);
        user.bio = text("hello");
        user.complete()
    }

    fn rest(user: &User) -> Value {
        user.to_scim()[User::SCIM_SCHEMA].clone()
    }

    #[test]
    fn what_the_schema_names_is_an_attribute_and_all_else_stands_in_ours() {
        let organizations = serde_json::to_value(&ada().organizations).expect("JSON");
        assert_eq!(
            Value::Object(ada().to_scim()),
            json!({
                "schemas": [CORE, ENTERPRISE, User::SCIM_SCHEMA],
                "id": "1000", "externalId": "1000", "userName": "ada1",
                "name": { "givenName": "Ada", "familyName": "L" },
                "displayName": "Ada", "nickName": "Ada", "profileUrl": "https://a.example/ada",
                "preferredLanguage": "en", "timezone": "Europe/London", "active": false,
                "emails": [{ "value": "ada@a.example", "primary": true }, { "value": "b@a.example" }],
                "phoneNumbers": [{ "value": "1380", "primary": true }],
                "photos": [{ "value": "https://a.example/a.png", "primary": true }],
                "addresses": [{ "locality": "London", "country": "GB" }],
                "groups": [{ "value": "3", "display": "VIP" }],
                "roles": [{ "value": "teacher", "display": "Teacher" }, { "value": "8" }],
                ENTERPRISE: { "organization": "School" },
                "meta": {
                    "resourceType": "User",
                    "created": "1970-01-01T00:00:00Z", "lastModified": "1970-01-01T00:00:01.500Z",
                },
                User::SCIM_SCHEMA: {
                    "provider": "acme", "status": "banned", "bio": "hello", "organizations": organizations,
                    "phones": [{ "value": "1380", "verified": true }],
                },
            })
        );
    }

    #[test]
    fn active_follows_from_the_status_and_is_left_out_where_that_is_unknown() {
        let active = |status: Option<Status>| {
            let mut user = ada();
            user.status = status;
            user.to_scim().get("active").cloned()
        };
        assert_eq!(active(Some(Status::Active)), Some(json!(true)));
        for no in [Status::Disabled, Status::Pending, Status::Banned] {
            assert_eq!(active(Some(no)), Some(json!(false)));
        }
        assert_eq!(active(Some(Status::Other("FROZEN".to_owned()))), None);
        assert_eq!(active(None), None);
    }

    #[test]
    fn a_user_of_whom_only_the_id_is_known_has_only_what_the_schema_requires() {
        assert_eq!(
            Value::Object(User::new("acme", "1").to_scim()),
            json!({
                "schemas": [CORE, User::SCIM_SCHEMA], "id": "1", "externalId": "1", "userName": "1",
                "meta": { "resourceType": "User" }, User::SCIM_SCHEMA: { "provider": "acme" },
            })
        );
    }

    #[test]
    fn every_masked_field_is_no_attribute_and_is_not_lost() {
        let whole = serde_json::to_value(ada()).expect("JSON");
        let attributes = Value::Object(ada().to_scim());
        for field in User::FIELDS {
            let mut user = ada();
            user.masked = vec![field.into()];
            assert_eq!(
                rest(&user).get(field),
                serde_json::to_value(&user).expect("JSON").get(field),
                "{field}"
            );
            let shown = Value::Object(user.to_scim());
            let gone =
                attributes.as_object().expect("attributes").keys().filter(|it| shown.get(it).is_none());
            let expected = match field {
                "organizations" => 2,
                "name" | "emails" | "phones" | "groups" | "address" | "nickname" | "display_name"
                | "avatar_url" | "profile_url" | "language" | "time_zone" => 1,
                _ => 0,
            };
            assert_eq!(gone.count(), expected, "{field}");
        }
        assert_eq!(whole.get("masked"), None);
        let mut user = ada();
        user.masked = vec!["username".into()];
        assert_eq!((&user.to_scim()["userName"], &rest(&user)["username"]), (&json!("1000"), &json!("ada1")));
    }

    #[test]
    fn a_value_in_another_form_is_no_attribute_and_is_not_lost() {
        let mut user = ada();
        (user.language, user.time_zone, user.avatar_url) = (text("2"), text("GMT+8"), text("//a/b.png"));
        user.address = Some(Address { country: text("England"), ..Address::default() });
        user.name = Some(Name::default());
        let out = user.to_scim();
        for name in ["preferredLanguage", "timezone", "photos", "addresses", "name"] {
            assert!(!out.contains_key(name), "{name}");
        }
        let rest = rest(&user);
        for field in ["language", "time_zone", "avatar_url"] {
            assert!(rest.get(field).is_some(), "{field}");
        }
        assert_eq!(rest["address"], json!({ "country": "England" }));
    }
}
