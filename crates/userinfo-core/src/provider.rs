use std::{fmt, pin::Pin, sync::Arc};

use async_trait::async_trait;

use crate::{Field, Lookup, LookupKind, Result, User};

/// One source of users.
///
/// # Contract
///
/// Each line is a case of `userinfo-testkit`, with the same words.
///
/// - The user that comes back is the one that was asked for, or the answer is
///   [`IdMismatch`](crate::ErrorKind::IdMismatch).
/// - A user that does not exist is an error, never an empty [`User`].
/// - An id is text from end to end, is never empty, and never passes through a float.
/// - What the vendor did not say is absent: `""` and null are not values.
/// - What the vendor said is canonical or in `extra`: nothing is dropped.
/// - A masked value is kept as sent and named in `masked`.
/// - An id is only an id: it cannot reach another path or add a parameter.
/// - A look-up that cannot be sent is [`InvalidInput`](crate::ErrorKind::InvalidInput), before any I/O.
/// - A look-up of a kind that [`supports`](Self::supports) denies is
///   [`Unsupported`](crate::ErrorKind::Unsupported), before any I/O; no other is.
/// - Every failure has one right [`ErrorKind`](crate::ErrorKind), and
///   [`retry`](crate::Error::retry) says whether another try can help.
/// - One look-up is one request: retries belong to a layer. A token that the provider obtains by itself may take
///   a login, and one more login and request if it was refused.
/// - No secret is in `Debug`, in an error or in a [`User`].
/// - Dropping the future cancels the call.
#[async_trait]
pub trait UserInfoProvider: fmt::Debug + Send + Sync {
    /// Describes the vendor behind this provider.
    fn descriptor(&self) -> &'static Descriptor;

    /// Says whether [`user`](Self::user) answers look-ups of this kind.
    fn supports(&self, kind: LookupKind) -> bool {
        self.descriptor().lookups.contains(&kind)
    }

    /// Fetches one user.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind): every kind but `Config` can come back from a call.
    async fn user(&self, lookup: &Lookup) -> Result<User>;
}

/// What is known of a provider before any call.
#[derive(Debug)]
#[non_exhaustive]
pub struct Descriptor {
    /// The short, stable name, in kebab case: `"alipay-plus"`.
    pub kind: &'static str,
    /// The vendor's name, for people.
    pub vendor: &'static str,
    /// The vendor page that the provider follows.
    pub docs: &'static str,
    /// The look-ups that it answers.
    pub lookups: &'static [LookupKind],
    /// Where each canonical field comes from.
    pub fields: &'static [Field],
}

impl Descriptor {
    /// Describes a provider; meant for a `static`.
    #[must_use]
    pub const fn new(
        kind: &'static str,
        vendor: &'static str,
        docs: &'static str,
        lookups: &'static [LookupKind],
        fields: &'static [Field],
    ) -> Self {
        Self { kind, vendor, docs, lookups, fields }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<P: UserInfoProvider + ?Sized> UserInfoProvider for Arc<P> {
    fn descriptor(&self) -> &'static Descriptor {
        (**self).descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        (**self).supports(kind)
    }

    /// Hands out the inner call: an `async` body here would put it into a second box, once for every layer.
    fn user<'call, 'lookup, 'async_trait>(
        &'call self,
        lookup: &'lookup Lookup,
    ) -> Pin<Box<dyn Future<Output = Result<User>> + Send + 'async_trait>>
    where
        'call: 'async_trait,
        'lookup: 'async_trait,
        Self: 'async_trait,
    {
        (**self).user(lookup)
    }
}
