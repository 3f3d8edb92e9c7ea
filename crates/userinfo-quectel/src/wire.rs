use userinfo_core::{Object, RawValue};

/// What every answer is wrapped in: `{code, data, extMsg, msg}`.
pub(crate) struct Envelope<'a> {
    /// An integer or a string of one.
    pub(crate) code: Option<i64>,
    /// Localised; for people alone.
    pub(crate) message: String,
    /// The user; unread until the code is known to be a success.
    pub(crate) data: Option<&'a RawValue>,
    /// The extended message: null in every published answer.
    pub(crate) ext_msg: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        Self {
            code: body.take_integer("code"),
            message: body.take_text("msg").unwrap_or_default(),
            data: body.take("data"),
            ext_msg: body.take("extMsg").filter(|it| it.get() != "\"\""),
        }
    }
}
