//! The sandbox, asked as the vendors' clients ask.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod alipay_plus;
mod alipay_token;
mod anqicms;
mod anqicms_captcha;
mod anqicms_login;
mod asks;
mod faults;
mod journal;
mod operations;
mod people;
mod quectel;
mod quectel_login;
mod server;
mod tianyin;
mod tianyin_cas;
mod wire_faults;
