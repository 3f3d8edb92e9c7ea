use userinfo_core::{Secret, Settings};

/// What a user of the site logs in with.
///
/// `Debug` shows neither name nor password.
#[derive(Clone, Debug)]
pub struct Login {
    pub(crate) by: LoginBy,
    pub(crate) name: Secret,
    pub(crate) password: Secret,
}

/// What the name of a [`Login`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginBy {
    /// A user name.
    UserName,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

/// The site refuses a shorter one, white space around it not counted.
const SHORTEST: usize = 6;

impl Login {
    /// Joins a name and a password.
    ///
    /// # Errors
    ///
    /// Says that the name is empty, or the password shorter than any at such a site.
    pub fn new(
        by: LoginBy,
        name: impl Into<Secret>,
        password: impl Into<Secret>,
    ) -> Result<Self, &'static str> {
        let (name, password) = (name.into(), password.into());
        if name.expose().trim().is_empty() {
            Err("the name is empty")
        } else if password.expose().trim().chars().count() < SHORTEST {
            Err("the password has less than 6 characters: a site accepts none so short")
        } else {
            Ok(Self { by, name, password })
        }
    }

    /// Reads the table `login`: a password, and one of three names.
    pub(crate) fn from_settings(settings: &mut Settings<'_>, has_token: bool) -> Option<Self> {
        if !settings.has("login") {
            // Asked for all the same, so that it is known.
            settings.object("login");
            return None;
        }
        if has_token {
            settings.fault("token", "stands beside `login`; give one of them, not both");
        }
        settings.within("login", |login| {
            let names = LoginBy::ALL.map(|by| (by, login.secret(by.as_str())));
            let password = login.required_secret("password");
            let mut names = names.into_iter().filter_map(|(by, name)| Some((by, name?)));
            let (Some((by, name)), None) = (names.next(), names.next()) else {
                login.fault("user_name", "give one of `user_name`, `email` and `phone`");
                return None;
            };
            let is_nobody = name.expose().trim().is_empty();
            let place = if is_nobody { by.as_str() } else { "password" };
            Self::new(by, name, password?).map_err(|wrong| login.fault(place, wrong)).ok()
        })
    }
}

impl LoginBy {
    const ALL: [Self; 3] = [Self::UserName, Self::Email, Self::Phone];

    /// The member of the vendor's call.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::UserName => "user_name",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}
