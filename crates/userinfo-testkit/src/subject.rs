use std::sync::Arc;

use userinfo_core::{ErrorKind, Lookup, LookupKind, Result, Retry, Secret, User, UserInfoProvider};
use userinfo_sandbox::Person;

use crate::{Tries, Wire};

/// What the author of a provider writes: how the cases get hold of it.
///
/// Where a vendor has no such thing, the answer is a sentence that says why: no case is skipped without one.
pub trait Subject: Send + Sync {
    /// Returns where the sandbox answers for this vendor, such as `"/anqicms"`.
    fn mount(&self) -> &'static str;

    /// Builds the provider, with the credential that the sandbox knows.
    ///
    /// Base URL, transport and clock are those of the wire. The person `everything` must be found by every
    /// supported kind of look-up.
    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider>;

    /// Builds the same with this credential, which nobody knows, in place of the configured one.
    ///
    /// # Errors
    ///
    /// The reason, where there is no place for one: the configured credential is a key pair.
    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str>;

    /// Maps a saved answer again, without a transport.
    ///
    /// # Errors
    ///
    /// As from [`UserInfoProvider::user`].
    fn replay(&self, answer: &[u8]) -> Result<User>;

    /// Says how [`provider`](Self::provider) looks this person up.
    fn lookup(&self, person: &Person) -> Lookup;

    /// Returns the vendor's id of this person, as canonical text.
    fn id(&self, person: &Person) -> String;

    /// Returns the token that a look-up for this person can bring along.
    ///
    /// # Errors
    ///
    /// The reason, where the provider supports no look-up with a token.
    fn token(&self, person: &Person) -> Result<Secret, &'static str>;

    /// Looks for somebody who does not exist.
    ///
    /// # Errors
    ///
    /// The reason, where the vendor cannot be asked for such a one.
    fn nobody(&self) -> Result<Lookup, &'static str>;

    /// Lists ids that this vendor cannot be sent.
    ///
    /// The empty, the overlong and those with control characters are tried anyway.
    fn invalid_ids(&self) -> &[&str] {
        &[]
    }

    /// Lists what the vendor page documents of a user.
    ///
    /// JSON Pointers into the answer, in which `*` is every index of a list.
    fn documented(&self) -> &[&str];

    /// Lists what the configured provider holds that nothing may show, besides the tokens of look-ups.
    fn secrets(&self) -> Vec<Secret>;

    /// Lists where this vendor says a thing in a way that means another, each with the reason.
    fn deviations(&self) -> &[Deviation] {
        &[]
    }

    /// Returns a code that the vendor does not document.
    fn unknown_code(&self) -> &'static str {
        "987654"
    }

    /// States what becomes of a look-up where the vendor's answer means this retry.
    ///
    /// A provider makes one request, and so this is for subjects behind a layer. Nobody is asked about
    /// [`Retry::Never`]: what is final is one request behind every layer.
    fn tries(&self, retry: Retry) -> Tries {
        Tries::once(retry)
    }

    /// States that a look-up which ended well is answered without a request the next time.
    ///
    /// A provider remembers nobody, and so this too is for subjects behind a layer.
    fn remembers(&self) -> bool {
        false
    }

    /// Makes a look-up of one kind for a person.
    ///
    /// # Errors
    ///
    /// As from [`token`](Self::token), for a kind that needs one.
    fn lookup_by(&self, kind: LookupKind, person: &Person) -> Result<Lookup, &'static str> {
        match kind {
            LookupKind::Token => self.token(person).map(Lookup::token),
            LookupKind::IdWithToken => Ok(Lookup::id(self.id(person)).with_token(self.token(person)?)),
            _ => Ok(Lookup::id(self.id(person))),
        }
    }
}

/// Where one vendor's way to say a thing means another than everybody's.
///
/// Only faults that the vendor words itself can deviate: see [`Deviation::ALLOWED`].
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// The name of the sandbox's fault, such as `"not-found"`, or `"http-401"`.
    pub fault: &'static str,
    /// What this provider makes of it: an error of this kind, or `None` for the user.
    pub outcome: Option<ErrorKind>,
    /// Why, in a sentence that names the vendor's page or says what the page leaves open.
    pub reason: &'static str,
}

impl Deviation {
    /// The faults that a vendor may word in a way of its own.
    ///
    /// `http-401` is among them because a vendor with signatures may have no token that a gateway could refuse.
    pub const ALLOWED: [&str; 10] = [
        "http-401",
        "dead-token",
        "not-found",
        "permission-denied",
        "locked-out",
        "rate-limited",
        "unavailable",
        "null-data",
        "empty-data",
        "list-data",
    ];
}
