//! The list of cases: here, and nowhere else.

use crate::Case;

/// Every case, in the order of the list.
pub const CASES: &[Case] = crate::every_case!(table);

/// Makes a test of every case for one subject, in-process and over TCP.
///
/// `conformance!(acme, AcmeSubject);` makes the modules `acme::in_process` and `acme::over_tcp`. The
/// subject is an expression, and each test makes its own. Behind a layer:
/// `conformance!(traced, Layered::new(AcmeSubject, Trace::new()));`
#[macro_export]
macro_rules! conformance {
    ($name:ident, $subject:expr $(,)?) => {
        mod $name {
            mod in_process {
                #[allow(unused_imports, reason = "the subject may be named by a path")]
                use super::super::*;
                $crate::every_case!(tests InProcess, $subject;);
            }
            mod over_tcp {
                #[allow(unused_imports, reason = "the subject may be named by a path")]
                use super::super::*;
                $crate::every_case!(tests Tcp, $subject;);
            }
        }
    };
    (@tests $road:ident, $subject:expr; $($file:ident { $($case:ident,)* })*) => {
        $($(
            #[test]
            fn $case() {
                let test: for<'a> fn(&'a dyn $crate::Subject, &'a $crate::Wire) -> $crate::CaseFuture<'a> =
                    |subject, wire| ::std::boxed::Box::pin($crate::cases::$file::$case(subject, wire));
                $crate::run(&$subject, $crate::Road::$road, test);
            }
        )*)*
    };
    (@table $($file:ident { $($case:ident,)* })*) => {
        &[$($(
            $crate::Case {
                name: stringify!($case),
                test: |subject, wire| ::std::boxed::Box::pin($crate::cases::$file::$case(subject, wire)),
            },
        )*)*]
    };
}

/// Hands the list to an arm of [`conformance!`].
#[doc(hidden)]
#[macro_export]
macro_rules! every_case {
    ($arm:ident $($given:tt)*) => {
        $crate::conformance! { @$arm $($given)*
            identity {
                the_user_that_comes_back_is_the_one_asked_for,
                another_user_is_an_id_mismatch,
                a_record_without_an_id_is_protocol,
                an_id_never_passes_through_a_float,
                what_is_no_id_is_never_an_id,
            }
            nobody {
                a_user_that_does_not_exist_is_an_error,
                null_in_place_of_a_user_is_an_error,
                an_empty_record_is_never_an_empty_user,
                a_list_in_place_of_a_user_is_an_error,
            }
            values {
                the_values_are_the_persons,
                only_an_id_gives_only_an_id,
                empty_text_and_null_are_not_values,
                a_masked_value_is_kept_as_sent_and_named_in_masked,
                the_display_name_is_the_nickname_else_the_name_else_the_username,
                times_are_the_persons,
            }
            facts {
                the_documented_members_are_sent,
                what_the_vendor_said_is_canonical_or_in_extra,
                unknown_members_are_kept_exactly,
            }
            raw {
                the_raw_bytes_are_as_received,
                a_byte_order_mark_is_passed_over,
                of_a_repeated_name_the_last_one_wins,
                a_wrong_content_type_is_no_failure,
                a_wrong_charset_is_no_failure,
                a_slow_answer_is_whole,
                a_saved_answer_maps_to_the_same_user,
            }
            lookups {
                supports_tells_the_truth,
                a_lookup_that_is_not_supported_is_refused_before_any_io,
                an_empty_id_is_refused_before_any_io,
                a_control_character_in_an_id_is_refused_before_any_io,
                an_overlong_id_is_refused_before_any_io,
                an_id_that_the_vendor_cannot_have_is_refused_before_any_io,
                an_id_is_only_an_id,
                a_token_is_only_a_token,
            }
            credentials {
                a_given_token_stands_before_the_configured_one,
                a_wrong_given_token_is_unauthenticated,
                a_wrong_configured_credential_is_unauthenticated,
            }
            statuses {
                http_401_is_unauthenticated,
                http_403_is_permission_denied,
                http_404_says_nothing_about_the_user,
                http_429_is_rate_limited,
                http_429_says_how_many_seconds_to_wait,
                http_429_says_until_when_to_wait,
                http_503_says_how_long_to_wait,
                http_5xx_is_unavailable,
                other_statuses_are_protocol,
                a_redirect_is_not_followed,
            }
            bodies {
                a_page_is_protocol,
                an_empty_body_is_protocol,
                bytes_that_are_not_utf_8_are_protocol,
                a_nesting_bomb_is_protocol,
                a_compressed_body_is_protocol,
                a_compressed_bomb_is_protocol,
                an_oversized_body_is_protocol,
            }
            connection {
                no_connection_is_transport,
                a_connection_refused_by_the_system_is_transport,
                a_reset_is_transport,
                a_truncated_body_is_transport,
                no_answer_is_timeout,
                half_an_answer_is_timeout,
                a_dead_idle_connection_is_no_failure,
            }
            refusals {
                too_fast_is_rate_limited,
                too_fast_says_how_long_to_wait,
                a_fault_of_the_vendor_is_unavailable,
                a_dead_token_is_unauthenticated,
                not_allowed_is_permission_denied,
                locked_is_locked_out,
                an_unknown_code_is_rejected,
                an_unknown_code_and_its_message_are_kept,
                deviations_are_stated,
            }
            errors {
                an_error_is_one_line,
                an_error_names_its_provider,
                an_error_does_not_repeat_its_source,
                an_error_shows_no_personal_data,
                a_failure_leaves_the_provider_usable,
            }
            secrets {
                debug_shows_no_secret,
                an_error_shows_no_secret,
                a_message_that_repeats_a_secret_is_blanked,
                a_page_that_repeats_a_secret_is_not_quoted,
                a_header_that_repeats_a_secret_is_blanked,
                a_user_carries_no_secret,
                a_refused_lookup_shows_no_secret,
            }
            journal {
                one_lookup_is_one_request,
                a_failed_lookup_is_one_request,
                a_request_names_its_client_and_asks_for_no_compression,
                building_a_provider_asks_nothing,
            }
            tasks {
                concurrent_lookups_do_not_mix_people,
                dropping_the_future_cancels_the_call,
            }
            explained {
                every_value_says_where_it_came_from,
                what_is_not_set_says_how,
                the_table_of_fields_is_whole,
                the_descriptor_is_sane,
            }
            forms {
                canonical_json_reads_back_as_the_same_user,
                the_other_forms_keep_the_id,
                debug_masks_personal_data,
                a_neutral_layer_changes_nothing,
            }
        }
    };
}
