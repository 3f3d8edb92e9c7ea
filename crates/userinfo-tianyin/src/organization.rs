use userinfo_core::{Extra, Object, Organization, Role};

/// Takes `orgList`, exactly as sent: the id is that of the organization that grants the role, code and name
/// those of the one that the user belongs to.
///
/// What the rows say beyond that goes to `left` as a list with one object for each row.
pub(crate) fn take(data: &mut Object<'_>, left: &mut Extra) -> Vec<Organization> {
    let organizations = take_rows(data, "orgList", organization, left);
    organizations.into_iter().filter(|it| *it != Organization::default()).collect()
}

fn organization(row: &mut Object<'_>, left: &mut Extra) -> Organization {
    Organization {
        id: row.take_id("orgId"),
        code: row.take_id("orgCode"),
        name: row.take_text("orgName"),
        roles: take_rows(row, "roleList", role, left)
            .into_iter()
            .filter(|it| *it != Role::default())
            .collect(),
    }
}

fn role(row: &mut Object<'_>, _: &mut Extra) -> Role {
    Role { id: row.take_id("roleId"), code: row.take_id("roleCode"), name: row.take_text("roleName") }
}

/// Takes a list of objects; a list with anything else in it stays where it is.
fn take_rows<T>(
    object: &mut Object<'_>,
    name: &str,
    read: fn(&mut Object<'_>, &mut Extra) -> T,
    left: &mut Extra,
) -> Vec<T> {
    let Some(rows) = object.get(name).and_then(Object::list) else { return Vec::new() };
    let Some(rows) = rows.into_iter().map(Object::within).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    object.take(name);
    let (mut read_rows, mut rests) = (Vec::new(), Vec::new());
    for mut row in rows {
        let mut rest = Extra::default();
        read_rows.push(read(&mut row, &mut rest));
        rest.append(row.rest());
        rests.push(rest);
    }
    if rests.iter().any(|rest| !rest.is_empty()) {
        left.insert_json(name, &rests);
    }
    read_rows
}
