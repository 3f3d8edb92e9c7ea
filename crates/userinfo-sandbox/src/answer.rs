//! Answers on their way out, before they become bytes.

use http::HeaderValue;

use crate::{
    Vendor,
    json::{Encoder, Json},
    people::Person,
};

/// One HTTP answer of a vendor.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Headers whose names come from a script.
    pub(crate) more_headers: Vec<(String, String)>,
    pub(crate) body: Body,
    /// Whether Alipay+ signs it.
    pub(crate) signed: bool,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Json(Json),
    Bytes(Vec<u8>),
}

/// What a vendor makes of a call.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    /// It tells of this person.
    Found(&'a Person),
    /// It refuses.
    Refused(Answer),
}

impl Answer {
    pub(crate) fn json(vendor: Vendor, body: Json) -> Self {
        let content_type = match vendor {
            Vendor::Quectel => "application/json;charset=UTF-8",
            Vendor::AlipayPlus => "application/json; charset=UTF-8",
            Vendor::AnqiCms => "application/json; charset=utf-8",
            Vendor::Tianyin => "application/json",
        };
        Self::new(200, content_type, Body::Json(body))
    }

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", Body::Bytes(body.into()))
    }

    pub(crate) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, "text/html; charset=utf-8", Body::Bytes(page.into_bytes()))
    }

    pub(crate) const fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            more_headers: Vec::new(),
            body: Body::Bytes(Vec::new()),
            signed: true,
        }
    }

    pub(crate) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) const fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }

    pub(crate) fn bytes(&self, encoder: Encoder) -> Vec<u8> {
        match &self.body {
            Body::Json(json) => json.render(encoder),
            Body::Bytes(bytes) => bytes.clone(),
        }
    }

    fn new(status: u16, content_type: &str, body: Body) -> Self {
        Self {
            status,
            content_type: Some(content_type.to_owned()),
            headers: Vec::new(),
            more_headers: Vec::new(),
            body,
            signed: true,
        }
    }
}

/// A header's value; what cannot stand in a header is replaced by `?`.
pub(crate) fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_| {
        let clean: String = text.chars().map(|it| if it.is_ascii_graphic() { it } else { '?' }).collect();
        HeaderValue::try_from(clean).unwrap_or_else(|_| HeaderValue::from_static("?"))
    })
}
