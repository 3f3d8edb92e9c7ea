//! Flaws in what comes back.

use bytes::Bytes;
use serde_json::{Value, json};
use userinfo_core::{ErrorKind, Extra, Field, Raw, Source, Status, Timestamp, User};
use userinfo_sandbox::WireFault;
use userinfo_testkit::Road;

use crate::{
    acme::FIELDS,
    plant::{Flaw, Plant, Slip},
};

pub(crate) fn flaws() -> Vec<Flaw> {
    let table = identity().into_iter().chain(values()).chain(raw()).chain(explained());
    table.map(|(says, case, plant)| Flaw { says, case, plant, road: Road::InProcess }).collect()
}

type Row = (&'static str, &'static str, Plant);

fn identity() -> Vec<Row> {
    vec![
        (
            "writes ids in lower case",
            "the_user_that_comes_back_is_the_one_asked_for",
            Plant::User(|user| user.id = user.id.to_lowercase()),
        ),
        ("does not compare ids", "another_user_is_an_id_mismatch", Plant::Slip(Slip::NoIdCheck)),
        (
            "takes the asked id where none came",
            "a_record_without_an_id_is_protocol",
            Plant::Outcome(|lookup, outcome| {
                let id = lookup.wanted_id().unwrap_or_default();
                outcome.or_else(|error| {
                    if error.message().contains("without an id") {
                        Ok(User::new("acme", id))
                    } else {
                        Err(error)
                    }
                })
            }),
        ),
        ("reads ids through a float", "an_id_never_passes_through_a_float", Plant::User(round)),
        ("takes any JSON for an id", "what_is_no_id_is_never_an_id", Plant::Slip(Slip::AnythingIsAnId)),
        (
            "takes nobody for a broken answer",
            "a_user_that_does_not_exist_is_an_error",
            Plant::Kind(|error| error.kind() == ErrorKind::NotFound, ErrorKind::Protocol),
        ),
        ("makes a user of null", "null_in_place_of_a_user_is_an_error", Plant::Slip(Slip::NullIsAUser)),
        (
            "makes a user of nothing",
            "an_empty_record_is_never_an_empty_user",
            Plant::Slip(Slip::NothingIsAUser),
        ),
        ("opens any list", "a_list_in_place_of_a_user_is_an_error", Plant::Slip(Slip::OpensLists)),
    ]
}

fn values() -> Vec<Row> {
    vec![
        (
            "mixes nickname and motto up",
            "the_values_are_the_persons",
            Plant::User(|user| {
                let user = &mut **user;
                std::mem::swap(&mut user.nickname, &mut user.bio);
            }),
        ),
        (
            "invents a status",
            "only_an_id_gives_only_an_id",
            Plant::User(|user| user.status = user.status.take().or(Some(Status::Active))),
        ),
        (
            "writes what is not set as \"\"",
            "empty_text_and_null_are_not_values",
            Plant::User(|user| user.bio = Some(user.bio.take().unwrap_or_default())),
        ),
        (
            "does not name masked fields",
            "a_masked_value_is_kept_as_sent_and_named_in_masked",
            Plant::User(|user| user.masked.clear()),
        ),
        (
            "shows the id as a name",
            "the_display_name_is_the_nickname_else_the_name_else_the_username",
            Plant::User(|user| user.display_name = Some(user.id.clone())),
        ),
        (
            "reads milliseconds as seconds",
            "times_are_the_persons",
            Plant::User(|user| {
                let millis = user.created_at.map(|it| it.unix_millis() / 1000);
                user.created_at = millis.and_then(Timestamp::from_unix_millis);
            }),
        ),
        (
            "lists a member that nobody sends",
            "the_documented_members_are_sent",
            Plant::Slip(Slip::MisspellsAPointer),
        ),
        (
            "drops a remark",
            "what_the_vendor_said_is_canonical_or_in_extra",
            Plant::User(|user| user.extra.remove("remark")),
        ),
        (
            "reads large integers into floats",
            "unknown_members_are_kept_exactly",
            Plant::User(|user| user.extra = through_floats(&user.extra)),
        ),
        (
            "puts a phone number in a name that Debug shows",
            "debug_masks_personal_data",
            Plant::User(|user| {
                for phone in user.phones.clone() {
                    user.extra.insert_json(phone.value, &true);
                }
            }),
        ),
        (
            "has a word that reads back as another",
            "canonical_json_reads_back_as_the_same_user",
            Plant::User(|user| {
                user.status = user.status.take().map(|it| Status::Other(it.as_str().to_owned()));
            }),
        ),
        (
            "adds the tenant to the id",
            "the_other_forms_keep_the_id",
            Plant::User(|user| {
                user.id = format!("{}@{}", user.id, user.tenant.as_deref().unwrap_or_default());
            }),
        ),
    ]
}

fn raw() -> Vec<Row> {
    vec![
        (
            "writes the answer anew",
            "the_raw_bytes_are_as_received",
            Plant::User(|user| {
                let text = user.raw.json().unwrap_or_default().to_string();
                user.raw = Raw::new(text.into(), FIELDS);
            }),
        ),
        (
            "cannot read past a byte order mark",
            "a_byte_order_mark_is_passed_over",
            Plant::Blind(|it| it.body().starts_with(b"\xef\xbb\xbf")),
        ),
        (
            "cannot read a repeated name",
            "of_a_repeated_name_the_last_one_wins",
            Plant::Blind(|it| String::from_utf8_lossy(it.body()).matches("\"uid\"").count() > 1),
        ),
        (
            "insists on the content type",
            "a_wrong_content_type_is_no_failure",
            Plant::Blind(|it| it.status() == 200 && content_type(it) == "text/plain"),
        ),
        (
            "believes in the charset",
            "a_wrong_charset_is_no_failure",
            Plant::Blind(|it| content_type(it).contains("gbk")),
        ),
        (
            "reads the first piece only",
            "a_slow_answer_is_whole",
            Plant::Blind(|it| matches!(it.extensions().get(), Some(WireFault::Slow { .. }))),
        ),
        (
            "drops the motto of a saved answer",
            "a_saved_answer_maps_to_the_same_user",
            Plant::Replay(|user| user.bio = None),
        ),
    ]
}

fn explained() -> Vec<Row> {
    vec![
        (
            "points to another member",
            "every_value_says_where_it_came_from",
            Plant::User(|user| {
                static WRONG: &[Field] = &[
                    Field::new("id", &[Source::at("/data/uid")]),
                    Field::new("display_name", &[Source::at("/data/signature")]),
                ];
                user.raw = Raw::new(Bytes::copy_from_slice(user.raw.as_bytes()), WRONG);
            }),
        ),
        (
            "has a value from nowhere",
            "every_value_says_where_it_came_from",
            Plant::User(|user| {
                user.raw = Raw::new(Bytes::copy_from_slice(user.raw.as_bytes()), &FIELDS[..1]);
            }),
        ),
        (
            "calls null absent",
            "what_is_not_set_says_how",
            Plant::User(|user| {
                static SHORT: &[Field] = &[Field::new("id", &[Source::at("/data/uid")])];
                user.raw = Raw::new(Bytes::copy_from_slice(user.raw.as_bytes()), SHORT);
            }),
        ),
        (
            "has a field that is not in its table",
            "the_table_of_fields_is_whole",
            Plant::User(|user| user.language = user.tenant.clone()),
        ),
    ]
}

fn content_type(response: &userinfo_http::Response) -> &str {
    response.headers().get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "this is the flaw")]
fn round(user: &mut User) {
    if user.id.bytes().all(|it| it.is_ascii_digit())
        && let Ok(float) = user.id.parse::<f64>()
    {
        user.id = (float as u64).to_string();
    }
}

fn through_floats(extra: &Extra) -> Extra {
    let mut other = Extra::default();
    for (name, fact) in extra.iter() {
        let value: Value = serde_json::from_str(fact.get()).unwrap_or_default();
        other.insert_json(name, &json!(value));
    }
    other
}
