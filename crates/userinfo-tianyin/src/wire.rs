use userinfo_core::{Object, RawValue};

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
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        let message = body.take_text("message").or_else(|| body.take_text("msg"));
        Self {
            code: body.take_integer("code"),
            message: message.unwrap_or_default(),
            data: body.take("data"),
        }
    }
}
