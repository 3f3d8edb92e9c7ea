//! Faults that change the vendor's own answer: its record, then its bytes.

use crate::{
    Fault,
    answer::{Answer, Body},
    call::Call,
    dialect::Dialect,
    gzip,
    json::Json,
    people::Person,
};

/// How deep a nesting bomb goes by default.
const DEPTH: usize = 100_000;
/// How large an oversized body is by default.
const OVERSIZED: usize = 4 << 20;
/// How large a compressed bomb grows by default.
const BOMB: usize = 16 << 20;

/// The answer that tells of this person, with the fault's changes.
pub(crate) fn found(call: &Call<'_>, person: &Person, fault: Option<&Fault>) -> Answer {
    let dialect = Dialect::of(call.vendor);
    let mut record = (dialect.record)(person);
    let other = call.directory.people().iter().find(|it| it.key != person.key);
    let mut update = None;
    match fault {
        Some(Fault::ForeignUser) => record = other.map_or(record, dialect.record),
        Some(Fault::NoId) => record.remove(dialect.id),
        Some(Fault::NullData) => record = Json::Null,
        Some(Fault::EmptyData) => record = Json::empty(),
        Some(Fault::ListData) => record = Json::List(vec![record]),
        Some(Fault::DuplicateKeys) => {
            let wrong = other.map_or(Json::Null, |it| Dialect::id_of(call.vendor, it));
            record.push_front(dialect.id, wrong);
        }
        Some(Fault::NestingBomb { depth }) => push_nested(&mut record, *depth),
        Some(Fault::Oversized { bytes }) => push_padding(&mut record, *bytes),
        Some(Fault::UpdateToken { token }) => {
            update = Some(token.clone().unwrap_or_else(|| person.anqicms_token()));
        }
        Some(Fault::UnknownMembers) => push_unknown(&mut record),
        _ => {}
    }
    let mut body = (dialect.success)(record);
    if fault == Some(&Fault::UnknownMembers) {
        push_unknown(&mut body);
    }
    let answer = Answer::json(call.vendor, body);
    match update {
        Some(token) => answer.with_header("update-token", token),
        None => answer,
    }
}

/// An answer that tells of no person, with the fault's changes.
pub(crate) fn granted(mut answer: Answer, fault: Option<&Fault>) -> Answer {
    let Body::Json(body) = &mut answer.body else { return answer };
    match fault {
        Some(Fault::NullData) => *body = Json::Null,
        Some(Fault::EmptyData) => *body = Json::empty(),
        Some(Fault::ListData) => *body = Json::List(vec![body.clone()]),
        Some(Fault::NestingBomb { depth }) => push_nested(body, *depth),
        Some(Fault::Oversized { bytes }) => push_padding(body, *bytes),
        Some(Fault::UnknownMembers) => push_unknown(body),
        _ => {}
    }
    answer
}

fn push_nested(body: &mut Json, depth: Option<usize>) {
    let depth = depth.unwrap_or(DEPTH);
    body.push("sandbox_nested", Json::Raw("[".repeat(depth) + &"]".repeat(depth)));
}

fn push_padding(body: &mut Json, bytes: Option<usize>) {
    body.push("sandbox_padding", "a".repeat(bytes.unwrap_or(OVERSIZED)));
}

/// Members that nobody documents, of every JSON type.
fn push_unknown(record: &mut Json) {
    let deep = (0..16).fold(Json::Null, |inner, _| Json::object([("inner", inner)]));
    record.push("sandboxNull", Json::Null);
    record.push("sandboxFlag", true);
    record.push("sandboxInteger", Json::Int(-9_007_199_254_740_993));
    record.push("sandboxHugeInteger", Json::Raw("18446744073709551617".into()));
    record.push("sandboxFloat", Json::Raw("1.5e-7".into()));
    record.push("sandboxText", "unbekannt ✓ \"\\/");
    record.push("sandboxList", vec![Json::Int(1), "two".into(), Json::List(vec![Json::Null]), Json::empty()]);
    record.push("sandboxObject", deep);
    record.push("", "a member without a name");
}

/// Changes the bytes of an answer, before they are signed.
pub(crate) fn change_bytes(bytes: Vec<u8>, fault: Option<&Fault>, answer: &mut Answer) -> Vec<u8> {
    match fault {
        Some(Fault::WrongContentType) => answer.content_type = Some("text/plain".into()),
        Some(Fault::WrongCharset) => answer.content_type = Some("application/json; charset=gbk".into()),
        Some(Fault::Bom) => return [b"\xef\xbb\xbf".as_slice(), &bytes].concat(),
        Some(Fault::InvalidUtf8) => {
            let mut bytes = bytes;
            let at = bytes.iter().rposition(|it| *it == b'"').unwrap_or(bytes.len());
            bytes.splice(at..at, [0xff, 0xfe]);
            return bytes;
        }
        _ => {}
    }
    bytes
}

/// Encodes the bytes of an answer for the way, after they are signed.
pub(crate) fn encode(bytes: Vec<u8>, fault: Option<&Fault>, answer: &mut Answer) -> Vec<u8> {
    let blanks = match fault {
        Some(Fault::Gzip) => 0,
        Some(Fault::GzipBomb { bytes }) => bytes.unwrap_or(BOMB),
        _ => return bytes,
    };
    answer.headers.push(("content-encoding", "gzip".into()));
    gzip::encode(blanks, &bytes)
}

/// Whether the fault exists at this call; the sentence that says so otherwise.
pub(crate) fn check(fault: &Fault, call: &Call<'_>) -> Result<(), String> {
    let (name, vendor, operation) = (fault.name(), call.vendor, call.operation);
    match fault.only_at() {
        Some(only) if only != vendor => {
            Err(format!("sandbox: fault `{name}` exists at {only} only, not at {vendor}\n"))
        }
        _ if !operation.has(fault) => Err(format!(
            "sandbox: fault `{name}` exists at the operation `user` only, not at `{operation}`\n"
        )),
        _ => Ok(()),
    }
}
