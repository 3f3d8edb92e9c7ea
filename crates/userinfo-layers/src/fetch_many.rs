use std::{num::NonZeroUsize, sync::Arc};

use futures_util::{Stream, StreamExt, stream};
use userinfo_core::{Lookup, Result, User, UserInfoProvider};

/// Fetches many users, a bounded number of them at once, each with an outcome of its own.
///
/// The stream yields each look-up with its outcome, in the order in which they finish: one bad id is one
/// error, and the others come all the same. `at_once` look-ups run at a time, and `lookups` is asked for the
/// next only when there is room, so it may be endless. Layers see `at_once` callers: a rate limit or a
/// concurrency permit that refuses shows up as that look-up's error.
///
/// Nothing is spawned: look-ups make progress only while the stream is polled, so what takes long between
/// two items also uses up the deadlines of those that run. Dropping the stream cancels them.
///
/// ```
/// use std::{num::NonZeroUsize, sync::Arc};
///
/// use futures_util::StreamExt;
/// use userinfo_core::{Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, User, UserInfoProvider};
/// use userinfo_layers::fetch_many;
///
/// static ACME: Descriptor =
///     Descriptor::new("acme", "Acme", "https://acme.example/docs", &[LookupKind::Id], &[]);
///
/// /// Knows the users whose id is a number.
/// #[derive(Debug)]
/// struct Acme;
///
/// #[async_trait::async_trait]
/// impl UserInfoProvider for Acme {
///     fn descriptor(&self) -> &'static Descriptor {
///         &ACME
///     }
///
///     async fn user(&self, lookup: &Lookup) -> Result<User> {
///         let id = lookup.checked_id("acme", 32)?;
///         match id.parse::<u32>() {
///             Ok(_) => Ok(User::new("acme", id)),
///             Err(error) => {
///                 Err(Error::new(ErrorKind::NotFound, "acme", "user", "no such user").with_source(error))
///             }
///         }
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let lookups = ["1000", "nobody", "1001"].map(Lookup::id);
/// let four = NonZeroUsize::new(4).ok_or("four is not zero")?;
/// let mut users = fetch_many(Arc::new(Acme), lookups, four);
///
/// let (mut found, mut missing) = (0, 0);
/// while let Some((lookup, outcome)) = users.next().await {
///     match outcome {
///         Ok(user) => {
///             assert_eq!(lookup.wanted_id(), Some(user.id.as_str()));
///             found += 1;
///         }
///         Err(error) if error.kind() == ErrorKind::NotFound => missing += 1,
///         Err(error) => return Err(error.into()),
///     }
/// }
/// assert_eq!((found, missing), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fetch_many<I>(
    provider: Arc<dyn UserInfoProvider>,
    lookups: I,
    at_once: NonZeroUsize,
) -> impl Stream<Item = (Lookup, Result<User>)> + use<I>
where
    I: IntoIterator<Item = Lookup>,
{
    let fetch = move |lookup: Lookup| {
        let provider = Arc::clone(&provider);
        async move {
            let outcome = provider.user(&lookup).await;
            (lookup, outcome)
        }
    };
    stream::iter(lookups).map(fetch).buffer_unordered(at_once.get())
}

#[cfg(test)]
mod tests;
