//! A user as a SCIM resource.

use serde_json::{Map, Value, json};

use crate::{Status, User, oidc::is_language_tag};

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
    /// a language that is no language tag and a country that is no ISO 3166-1 code are no attributes: they,
    /// and all that has no attribute, stand under [`SCIM_SCHEMA`](Self::SCIM_SCHEMA) with their canonical
    /// names.
    #[must_use]
    pub fn to_scim(&self) -> Map<String, Value> {
        let clear = |field: &str| !self.is_masked(field);
        let mut out = Map::new();
        let mut schemas = vec![CORE];
        let username = self.username.as_ref().filter(|_| clear("username")).unwrap_or(&self.id);
        out.insert("id".to_owned(), json!(self.id));
        out.insert("externalId".to_owned(), json!(self.id));
        out.insert("userName".to_owned(), json!(username));
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                out.insert(name.to_owned(), value);
            }
        };
        set(
            "name",
            self.name.as_ref().filter(|_| clear("name")).map(|it| {
                parts([
                    ("formatted", &it.formatted),
                    ("givenName", &it.given),
                    ("middleName", &it.middle),
                    ("familyName", &it.family),
                ])
            }),
        );
        set("displayName", self.display_name.as_ref().filter(|_| clear("display_name")).map(|it| json!(it)));
        set("nickName", self.nickname.as_ref().filter(|_| clear("nickname")).map(|it| json!(it)));
        set("profileUrl", self.profile_url.as_ref().map(|it| json!(it)));
        set("preferredLanguage", self.language.as_ref().filter(|it| is_language_tag(it)).map(|it| json!(it)));
        set("timezone", self.time_zone.as_ref().map(|it| json!(it)));
        set("active", self.status.as_ref().and_then(Status::is_active).map(Value::Bool));
        set("emails", values(self.emails.iter().map(|it| &it.value).filter(|_| clear("emails"))));
        set("phoneNumbers", values(self.phones.iter().map(|it| &it.value).filter(|_| clear("phones"))));
        set("photos", values(self.avatar_url.iter()));
        set(
            "addresses",
            self.address.as_ref().filter(|_| clear("address")).map(|it| {
                json!([parts([
                    ("formatted", &it.formatted),
                    ("streetAddress", &it.street),
                    ("locality", &it.locality),
                    ("region", &it.region),
                    ("postalCode", &it.postal_code),
                    ("country", &it.country.clone().filter(|it| is_country_code(it))),
                ])])
            }),
        );
        let groups: Vec<_> =
            self.groups.iter().map(|it| parts([("value", &it.id), ("display", &it.name)])).collect();
        set("groups", (!groups.is_empty()).then(|| json!(groups)));
        let roles = self.organizations.iter().flat_map(|it| &it.roles);
        let roles: Vec<_> = roles
            .map(|it| {
                parts([("value", if it.code.is_some() { &it.code } else { &it.id }), ("display", &it.name)])
            })
            .collect();
        set("roles", (!roles.is_empty()).then(|| json!(roles)));
        if let Some(organization) = self.organizations.first().and_then(|it| it.name.as_ref()) {
            schemas.push(ENTERPRISE);
            set(ENTERPRISE, Some(json!({ "organization": organization })));
        }
        let meta = [
            ("resourceType", Some("User".to_owned())),
            ("created", self.created_at.map(|it| it.to_string())),
            ("lastModified", self.updated_at.map(|it| it.to_string())),
        ];
        let meta = meta.into_iter().filter_map(|(name, value)| value.map(|it| (name.to_owned(), json!(it))));
        set("meta", Some(Value::Object(meta.collect())));
        let rest = self.rest_beyond(|field| self.is_attribute(field));
        schemas.push(Self::SCIM_SCHEMA);
        set(Self::SCIM_SCHEMA, Some(rest));
        out.insert("schemas".to_owned(), json!(schemas));
        out
    }

    /// Says whether a canonical field is whole within the core schema.
    fn is_attribute(&self, field: &str) -> bool {
        match field {
            "id" | "profile_url" | "time_zone" | "avatar_url" | "created_at" | "updated_at" | "groups" => {
                true
            }
            "username" | "display_name" | "nickname" | "name" => !self.is_masked(field),
            "emails" => !self.is_masked(field) && self.emails.iter().all(|it| it.verified.is_none()),
            "phones" => !self.is_masked(field) && self.phones.iter().all(|it| it.verified.is_none()),
            "address" => {
                let country = self.address.as_ref().and_then(|it| it.country.as_deref());
                !self.is_masked(field) && country.is_none_or(is_country_code)
            }
            "language" => self.language.as_deref().is_some_and(is_language_tag),
            _ => false,
        }
    }
}

fn parts<const N: usize>(parts: [(&str, &Option<String>); N]) -> Value {
    let set =
        parts.into_iter().filter_map(|(name, part)| part.as_ref().map(|it| (name.to_owned(), json!(it))));
    Value::Object(set.collect())
}

/// A multi-valued attribute, the first value being the primary one.
fn values<'a>(values: impl Iterator<Item = &'a String>) -> Option<Value> {
    let list = values.enumerate().map(|(at, value)| match at {
        0 => json!({ "value": value, "primary": true }),
        _ => json!({ "value": value }),
    });
    let list: Vec<_> = list.collect();
    (!list.is_empty()).then_some(Value::Array(list))
}

fn is_country_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|it| it.is_ascii_uppercase())
}
