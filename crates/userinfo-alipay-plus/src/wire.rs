use serde::Serialize;
use serde_json::{Map, Value};
use userinfo_core::{Extra, Object, RawValue};

/// The body of a look-up; the order of the members is that of the vendor page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inquiry<'a> {
    pub(crate) access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extend_info: Option<&'a Value>,
    /// What a wallet wants besides.
    #[serde(flatten)]
    pub(crate) extra: &'a Map<String, Value>,
}

/// The body of `applyToken`, in the names of both versions.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplyToken<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_client_id: Option<&'a str>,
    /// `authClientId` in the first version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference_client_id: Option<&'a str>,
    pub(crate) grant_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extend_info: Option<&'a Value>,
    #[serde(flatten)]
    pub(crate) extra: &'a Map<String, Value>,
}

/// The body of `cancelToken`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelToken<'a> {
    pub(crate) access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extend_info: Option<&'a Value>,
    #[serde(flatten)]
    pub(crate) extra: &'a Map<String, Value>,
}

/// What every answer is: `{result, userInfo}`.
pub(crate) struct Envelope<'a> {
    /// `None` without a `resultStatus`.
    pub(crate) outcome: Option<Outcome>,
    /// The user; unread until the outcome is known to be a success.
    pub(crate) user_info: Option<&'a RawValue>,
    /// What the vendor does not document.
    pub(crate) rest: Extra,
}

/// `result`: `{resultCode, resultStatus, resultMessage}`.
pub(crate) struct Outcome {
    pub(crate) code: Option<String>,
    /// `S`, `F` or `U`; others are no final result.
    pub(crate) status: String,
    /// For people alone.
    pub(crate) message: Option<String>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(mut body: Object<'a>) -> Self {
        let mut result = body.take("result").and_then(Object::within).unwrap_or_default();
        let outcome = Outcome::read(&mut result);
        let user_info = body.take("userInfo");
        let (mut rest, of_result) = (body.rest(), result.rest());
        if !of_result.is_empty() {
            rest.insert_json("result", &of_result);
        }
        Self { outcome, user_info, rest }
    }
}

impl Outcome {
    fn read(result: &mut Object<'_>) -> Option<Self> {
        Some(Self {
            status: result.take_text("resultStatus")?,
            code: result.take_word("resultCode"),
            message: result.take_text("resultMessage"),
        })
    }
}
