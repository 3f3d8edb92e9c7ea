//! The four dialects, side by side.

use crate::{
    Vendor, alipay_plus, anqicms,
    answer::{Answer, Outcome},
    call::Call,
    fault::VendorCode,
    json::{Encoder, Json},
    people::Person,
    quectel, tianyin,
};

/// What a vendor can say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// The member that holds the id.
    pub(crate) id: &'static str,
    pub(crate) encoder: Encoder,
    pub(crate) outcome: for<'a> fn(&Call<'a>) -> Outcome<'a>,
    pub(crate) record: fn(&Person) -> Json,
    pub(crate) success: fn(Json) -> Json,
    pub(crate) error: fn(&VendorCode) -> Answer,
}

impl Dialect {
    pub(crate) fn of(vendor: Vendor) -> Self {
        match vendor {
            Vendor::Quectel => Self {
                id: quectel::ID,
                encoder: Encoder::Plain,
                outcome: quectel::outcome,
                record: quectel::record,
                success: quectel::success,
                error: quectel::error,
            },
            Vendor::AlipayPlus => Self {
                id: alipay_plus::ID,
                encoder: Encoder::Plain,
                outcome: alipay_plus::outcome,
                record: alipay_plus::record,
                success: alipay_plus::success,
                error: alipay_plus::error,
            },
            Vendor::AnqiCms => Self {
                id: anqicms::ID,
                encoder: Encoder::Go,
                outcome: anqicms::outcome,
                record: anqicms::record,
                success: anqicms::success,
                error: anqicms::error,
            },
            Vendor::Tianyin => Self {
                id: tianyin::ID,
                encoder: Encoder::Plain,
                outcome: tianyin::outcome,
                record: tianyin::record,
                success: tianyin::success,
                error: tianyin::error,
            },
        }
    }

    pub(crate) fn refuse(&self, code: &str) -> Answer {
        (self.error)(&VendorCode { code: code.to_owned(), ..VendorCode::default() })
    }

    /// The id as the vendor writes it.
    pub(crate) fn id_of(vendor: Vendor, person: &Person) -> Json {
        match vendor {
            Vendor::Quectel => person.ids.quectel.as_str().into(),
            Vendor::AlipayPlus => person.ids.alipay_plus.as_str().into(),
            Vendor::AnqiCms => i64::from(person.ids.anqicms).into(),
            Vendor::Tianyin => person.ids.tianyin.to_string().into(),
        }
    }

    /// The id as text.
    pub(crate) fn id_text(vendor: Vendor, person: &Person) -> String {
        match Self::id_of(vendor, person) {
            Json::Text(text) => text,
            other => String::from_utf8_lossy(&other.render(Encoder::Plain)).into_owned(),
        }
    }
}
