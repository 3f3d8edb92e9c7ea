//! The cases for providers that obtain their token by themselves, and the list of them.

pub mod cases;

use crate::{Renewing, Road, Wire, run::run_on};

/// Makes a test of every case for one provider that obtains its token by itself, in-process and over TCP.
///
/// `renewal!(acme, AcmeSubject);` makes the modules `acme::in_process` and `acme::over_tcp`.
#[macro_export]
macro_rules! renewal {
    ($name:ident, $subject:expr $(,)?) => {
        mod $name {
            mod in_process {
                #[allow(unused_imports, reason = "the subject may be named by a path")]
                use super::super::*;
                $crate::renewal! { @each InProcess, $subject }
            }
            mod over_tcp {
                #[allow(unused_imports, reason = "the subject may be named by a path")]
                use super::super::*;
                $crate::renewal! { @each Tcp, $subject }
            }
        }
    };
    (@each $road:ident, $subject:expr) => {
        $crate::renewal! { @tests $road, $subject;
            the_first_lookup_is_one_login,
            a_storm_of_first_lookups_is_one_login,
            a_renewal_is_invisible,
            a_revoked_token_is_one_login_and_one_more_call,
            a_token_that_is_refused_at_once_is_one_more_login,
            a_storm_of_refused_lookups_is_one_login,
            a_storm_of_expired_lookups_is_one_login,
            tokens_that_are_all_refused_cost_no_more_than_one_login,
            a_login_outage_is_unavailable_and_not_hammered,
            a_login_outage_is_invisible_while_the_token_is_good,
            a_revoked_key_is_unauthenticated_and_not_hammered,
            a_wrong_key_is_tried_once_by_many_processes_and_a_mended_one_at_once,
            a_lock_out_at_login_is_final,
            a_lock_out_is_heeded_by_other_processes,
            a_login_that_hangs_in_the_last_minutes_is_nobodys_business,
            a_clock_that_jumps_ahead_costs_one_login,
            a_restart_finds_what_was_kept,
            two_that_share_a_store_log_in_once,
            nothing_secret_is_shown,
        }
    };
    (@tests $road:ident, $subject:expr; $($case:ident,)*) => {
        $(
            #[test]
            fn $case() {
                $crate::renewal::run(&$subject, $crate::Road::$road, |subject, wire| {
                    ::std::boxed::Box::pin($crate::renewal::cases::$case(subject, wire))
                });
            }
        )*
    };
}

/// Runs one case over one road, on a runtime of its own.
///
/// # Panics
///
/// If the subject breaks the contract.
pub fn run(
    subject: &dyn Renewing,
    road: Road,
    test: for<'a> fn(&'a dyn Renewing, &'a Wire) -> crate::CaseFuture<'a>,
) {
    run_on(road, subject.mount(), async |wire| test(subject, wire).await);
}
