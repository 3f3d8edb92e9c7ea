//! A user as rows of a label and a value, for people.

use userinfo_core::{Address, Gender, Name, Organization, RawValue, Role, Status, User, one_line};

/// The rows of a user, in the order of the canonical JSON; what is absent has none.
pub(crate) fn rows(user: &User) -> Vec<(String, String)> {
    let mut rows = Rows { user, rows: Vec::new() };
    rows.text("provider", Some(&user.provider));
    rows.text("id", Some(&user.id));
    rows.text("username", user.username.as_ref());
    rows.text("display_name", user.display_name.as_ref());
    rows.text("nickname", user.nickname.as_ref());
    rows.parts("name", user.name.as_ref().map(name_parts));
    rows.list("emails", user.emails.iter().map(|it| (it.value.clone(), it.verified)));
    rows.list("phones", user.phones.iter().map(|it| (it.value.clone(), it.verified)));
    let login = |kind: &Option<String>| kind.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
    rows.list("logins", user.logins.iter().map(|it| (format!("{}{}", login(&it.kind), it.value), None)));
    rows.text("avatar_url", user.avatar_url.as_ref());
    rows.text("profile_url", user.profile_url.as_ref());
    rows.text("bio", user.bio.as_ref());
    rows.text("gender", user.gender.as_ref().map(Gender::as_str));
    rows.text("birth_date", user.birth_date.map(|it| it.to_string()));
    rows.text("language", user.language.as_ref());
    rows.text("time_zone", user.time_zone.as_ref());
    rows.text("nationality", user.nationality.as_ref());
    rows.parts("address", user.address.as_ref().map(address_parts));
    rows.text("status", user.status.as_ref().map(Status::as_str));
    rows.text("tenant", user.tenant.as_ref());
    rows.list("organizations", user.organizations.iter().map(|it| (organization(it), None)));
    rows.list("groups", user.groups.iter().map(|it| (named(it.name.as_ref(), None, it.id.as_ref()), None)));
    let linked = user.linked_identities.iter();
    rows.list("linked_identities", linked.map(|it| (format!("{}: {}", it.provider, it.id), None)));
    rows.text("created_at", user.created_at.map(|it| it.to_string()));
    rows.text("updated_at", user.updated_at.map(|it| it.to_string()));
    rows.text("last_login_at", user.last_login_at.map(|it| it.to_string()));
    rows.text("expires_at", user.expires_at.map(|it| it.to_string()));
    for (name, value) in user.extra.iter() {
        rows.push(&format!("extra.{}", short(name)), plain(value));
    }
    rows.rows
}

/// A JSON value in words: a string without its quotes, anything else as it is.
pub(crate) fn plain(value: &RawValue) -> String {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => one_line(&text),
        Err(_) => one_line(value.get()),
    }
}

struct Rows<'a> {
    user: &'a User,
    rows: Vec<(String, String)>,
}

impl Rows<'_> {
    fn text(&mut self, field: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            let mark = if self.user.is_masked(field) { " (masked)" } else { "" };
            self.push(field, one_line(value.as_ref()) + mark);
        }
    }

    /// A field made of parts: the one without a name stands for the whole.
    fn parts(&mut self, field: &str, parts: Option<Vec<(&str, &Option<String>)>>) {
        let mark = if self.user.is_masked(field) { " (masked)" } else { "" };
        for (part, value) in parts.into_iter().flatten() {
            let Some(value) = value else { continue };
            let label = if part.is_empty() { field.to_owned() } else { format!("{field}.{part}") };
            self.push(&label, one_line(value) + mark);
        }
    }

    /// A value a row; the label stands beside the first.
    fn list(&mut self, field: &str, values: impl Iterator<Item = (String, Option<bool>)>) {
        let values: Vec<_> = values.collect();
        let is_masked = self.user.is_masked(field);
        // The vendor masks value by value; where none shows it, all of them are meant.
        let some_show = values.iter().any(|(value, _)| value.contains("**"));
        for (at, (value, verified)) in values.iter().enumerate() {
            let masked = is_masked && (!some_show || value.contains("**"));
            let verified = verified.map(|it| if it { " (verified)" } else { " (not verified)" });
            let marks = [verified, masked.then_some(" (masked)")].into_iter().flatten().collect::<String>();
            self.push(if at == 0 { field } else { "" }, one_line(value) + &marks);
        }
    }

    fn push(&mut self, label: &str, value: String) {
        self.rows.push((label.to_owned(), value));
    }
}

fn name_parts(name: &Name) -> Vec<(&'static str, &Option<String>)> {
    vec![("", &name.formatted), ("given", &name.given), ("middle", &name.middle), ("family", &name.family)]
}

fn address_parts(address: &Address) -> Vec<(&'static str, &Option<String>)> {
    vec![
        ("", &address.formatted),
        ("street", &address.street),
        ("locality", &address.locality),
        ("region", &address.region),
        ("postal_code", &address.postal_code),
        ("country", &address.country),
    ]
}

fn organization(it: &Organization) -> String {
    let role = |it: &Role| named(it.name.as_ref(), it.code.as_ref(), it.id.as_ref());
    let roles: Vec<_> = it.roles.iter().map(role).collect();
    let colon = if roles.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", named(it.name.as_ref(), it.code.as_ref(), it.id.as_ref()), roles.join(", "))
}

/// `Name (code, id)`, of what is known.
fn named(name: Option<&String>, code: Option<&String>, id: Option<&String>) -> String {
    let keys: Vec<_> = [code, id].into_iter().flatten().map(String::as_str).collect();
    match (name, keys.is_empty()) {
        (Some(name), true) => name.clone(),
        (Some(name), false) => format!("{name} ({})", keys.join(", ")),
        (None, _) => keys.join(", "),
    }
}

/// A label that a stranger chose, kept short.
fn short(name: &str) -> String {
    let line = one_line(name);
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use userinfo_core::{Email, Group, LinkedIdentity, Phone};

    use super::*;

    fn row(user: &User, label: &str) -> Option<String> {
        rows(user).into_iter().find(|(it, _)| it == label).map(|(_, value)| value)
    }

    #[test]
    fn what_is_absent_has_no_row() {
        let labels: Vec<_> = rows(&User::new("acme", "1")).into_iter().map(|(label, _)| label).collect();
        assert_eq!(labels, ["provider", "id"]);
    }

    #[test]
    fn every_canonical_field_has_a_row() {
        let json = r#"{"provider":"acme","id":"1","username":"u","display_name":"d","nickname":"n",
            "name":{"given":"g"},"emails":[{"value":"e"}],"phones":[{"value":"p"}],"logins":[{"value":"l"}],
            "avatar_url":"a","profile_url":"p","bio":"b","gender":"x","birth_date":"2000-01-01","language":"l",
            "time_zone":"t","nationality":"n","address":{"country":"c"},"status":"s","tenant":"t",
            "organizations":[{"name":"o"}],"groups":[{"name":"g"}],"linked_identities":[{"provider":"qq","id":"1"}],
            "created_at":"2022-11-21T06:27:42Z","updated_at":"2022-11-21T06:27:42Z",
            "last_login_at":"2022-11-21T06:27:42Z","expires_at":"2022-11-21T06:27:42Z","extra":{"k":1}}"#;
        let user: User = serde_json::from_str(json).expect("a user");
        let rows = rows(&user);
        for field in User::FIELDS.into_iter().filter(|it| *it != "masked") {
            let found = |(label, _): &&(String, String)| label.split('.').next() == Some(field);
            assert!(rows.iter().any(|it| found(&it)), "{field}");
        }
    }

    #[test]
    fn masked_and_verified_values_say_so() {
        let mut user = User::new("acme", "1");
        user.nickname = Some("t**".to_owned());
        user.emails = vec![Email { value: "a@b".to_owned(), verified: Some(false) }];
        user.phones = vec![Phone::new("13800138000"), Phone::new("138****0000")];
        let user = user.complete();
        assert_eq!(row(&user, "nickname").as_deref(), Some("t** (masked)"));
        assert_eq!(row(&user, "emails").as_deref(), Some("a@b (not verified)"));
        assert_eq!(row(&user, "phones").as_deref(), Some("13800138000"));
        assert_eq!(row(&user, "").as_deref(), Some("138****0000 (masked)"));
    }

    #[test]
    fn no_vendor_can_move_the_cursor_or_forge_a_row() {
        let mut user = User::new("acme", "1\nid 2");
        user.bio = Some("\u{1b}[2Jevil\u{202e}\r\nstatus  active".to_owned());
        user.groups = vec![Group { id: None, name: Some("a\u{7}b".to_owned()) }];
        user.linked_identities = vec![LinkedIdentity::new("qq", "\u{9b}1")];
        user.extra.insert_json("k\n\u{1b}[1m", &"v\u{1b}");
        for (label, value) in rows(&user) {
            let text = format!("{label}{value}");
            assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
        }
    }

    #[test]
    fn an_organization_shows_its_roles() {
        let json =
            r#"{"id":"1","code":"10","name":"示例中学","roles":[{"code":"xs","name":"学生"},{"id":"8"}]}"#;
        let it: Organization = serde_json::from_str(json).expect("an organization");
        assert_eq!(organization(&it), "示例中学 (10, 1): 学生 (xs), 8");
    }
}
