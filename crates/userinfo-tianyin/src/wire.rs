use userinfo_core::{Extra, Object, RawValue};

/// What every answer is wrapped in: `{code, status, message, data}`, mostly over HTTP 200.
///
/// `status` stays unread: it is a flag of older interfaces, which can say `success` beside an error code.
pub(crate) struct Envelope<'a> {
    /// An integer or a string of one.
    pub(crate) code: Option<i64>,
    /// `message`, or `msg` in older versions of the framework; for people alone.
    pub(crate) message: String,
    /// The user, alone or in a list; unread until the code is known to be 200.
    pub(crate) data: Option<&'a RawValue>,
    /// What the vendor does not document.
    pub(crate) rest: Extra,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        let (message, msg) = (body.take_text("message"), body.take_text("msg"));
        let (code, data) = (body.take_integer("code"), body.take("data"));
        body.take_word("status");
        Self { code, message: message.or(msg).unwrap_or_default(), data, rest: body.rest() }
    }
}
