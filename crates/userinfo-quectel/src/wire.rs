use userinfo_core::{Extra, Object, RawValue};

/// What every answer is wrapped in: `{code, data, extMsg, msg}`.
pub(crate) struct Envelope<'a> {
    /// An integer or a string of one.
    pub(crate) code: Option<i64>,
    /// Localised; for people alone.
    pub(crate) message: String,
    /// The user; unread until the code is known to be a success.
    pub(crate) data: Option<&'a RawValue>,
    /// What else it says: `extMsg`, null in every published answer, and what no document names.
    pub(crate) rest: Extra,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        let code = body.take_integer("code");
        let message = body.take_text("msg").unwrap_or_default();
        let data = body.take("data");
        Self { code, message, data, rest: body.rest() }
    }
}
