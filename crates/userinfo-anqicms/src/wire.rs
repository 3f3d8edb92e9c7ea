use userinfo_core::{Object, RawValue};

/// What every answer is wrapped in: `{code, msg, data}`, over HTTP 200 even for a refusal.
pub(crate) struct Envelope<'a> {
    /// An integer or a string of one.
    pub(crate) code: Option<i64>,
    /// `msg` in answers, `message` in the vendor's table; for people alone.
    pub(crate) message: String,
    /// The user; unread until the code is known to be a success.
    pub(crate) data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        let message = body.take_text("msg").or_else(|| body.take_text("message"));
        Self {
            code: body.take_integer("code"),
            message: message.unwrap_or_default(),
            data: body.take("data"),
        }
    }
}
