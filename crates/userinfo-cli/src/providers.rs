//! The only list of providers.

use userinfo_core::Factory;

/// Every provider that this program knows: a new one is a row here.
pub(crate) fn factories() -> Vec<Factory> {
    vec![
        userinfo_quectel::factory(),
        userinfo_alipay_plus::factory(),
        userinfo_anqicms::factory(),
        userinfo_tianyin::factory(),
    ]
}
