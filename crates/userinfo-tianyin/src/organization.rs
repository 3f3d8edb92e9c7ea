use userinfo_core::{Extra, Object, Organization, Role};

/// Takes `orgList`, exactly as sent: the id is that of the organization that grants the role, code and name
/// those of the one that the user belongs to.
pub(crate) fn take(data: &mut Object<'_>, left: &mut Extra) -> Vec<Organization> {
    let mut organizations = Vec::new();
    data.take_rows("orgList", left, |row, left| {
        let organization = organization(row, left);
        organizations.extend(Some(organization).filter(|it| *it != Organization::default()));
    });
    organizations
}

fn organization(row: &mut Object<'_>, left: &mut Extra) -> Organization {
    let mut roles = Vec::new();
    row.take_rows("roleList", left, |row, _| {
        roles.extend(Some(role(row)).filter(|it| *it != Role::default()));
    });
    Organization {
        id: row.take_id("orgId"),
        code: row.take_id("orgCode"),
        name: row.take_text("orgName"),
        roles,
    }
}

fn role(row: &mut Object<'_>) -> Role {
    Role { id: row.take_id("roleId"), code: row.take_id("roleCode"), name: row.take_text("roleName") }
}
