use userinfo_core::{Extra, Object, RawValue};

/// What every answer is wrapped in: `{code, msg, data}`, over HTTP 200 even for a refusal.
pub(crate) struct Envelope<'a> {
    /// An integer or a string of one.
    pub(crate) code: Option<i64>,
    /// `msg` in answers, `message` in the vendor's table; for people alone.
    pub(crate) message: String,
    /// The user; unread until the code is known to be a success.
    pub(crate) data: Option<&'a RawValue>,
    /// What no document names.
    pub(crate) rest: Extra,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        let code = body.take_integer("code");
        let words = [body.take_text("msg"), body.take_text("message")];
        let message = words.into_iter().flatten().next().unwrap_or_default();
        let data = body.take("data");
        Self { code, message, data, rest: body.rest() }
    }
}
