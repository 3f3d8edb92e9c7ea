use std::sync::Arc;

use async_trait::async_trait;
use userinfo_core::{Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, User, UserInfoProvider};

use crate::Health;

/// Asks another instance of the same vendor where one is in trouble.
///
/// The first instance is asked; where [`Health`] judges its outcome `Down`, the next, and so on. Every other
/// outcome is the answer, as it is: nobody else is asked who the user is because one instance knows no such
/// user, refuses the token or says that too much was sent.
///
/// All instances must hold the same users: two regions or a mirror of one deployment. An id of one vendor
/// means somebody else at another, so all must be of one `kind`. Two sites of one vendor that number their
/// users apart are of one kind too, and nobody but the operator can tell: never join them. A token that a
/// look-up brings goes to whichever instance is asked.
///
/// # Errors of a call
///
/// Where all are down, the error of the instance that was asked last, untouched: with its own status,
/// correlation id, retry hint and cause. What the ones before it failed with is told by an event of level
/// WARN for each step: `from`, `to`, `error.type`.
///
/// # Layers
///
/// It is a provider, so layers go around each instance and around the whole. Around each, with layer values of
/// its own: what waits for one upstream or protects it (operation deadline, retry, breaker, rate limit,
/// concurrency, attempt timeout). A breaker that is open is `Down`, so the next is asked at once; one that is
/// shared would shut all doors. Around the whole: what belongs to the caller and the answer (trace, cache,
/// single flight, and a deadline again). What the instances may take must fit into that last deadline: an
/// instance that is silent is waited for until its own deadline, and where it has none, nobody is asked after
/// it. A retry around the whole begins at the first instance again.
///
/// ```
/// # use std::sync::Arc;
/// # use userinfo_core::{Result, UserInfoProvider};
/// use userinfo_layers::Fallback;
///
/// # fn join(
/// #     singapore: Arc<dyn UserInfoProvider>,
/// #     frankfurt: Arc<dyn UserInfoProvider>,
/// # ) -> Result<Arc<dyn UserInfoProvider>> {
/// let provider = Fallback::new([("singapore", singapore), ("frankfurt", frankfurt)])?;
/// # Ok(Arc::new(provider)) }
/// ```
#[derive(Debug)]
pub struct Fallback {
    first: Instance,
    others: Vec<Instance>,
}

#[derive(Debug)]
struct Instance {
    name: String,
    provider: Arc<dyn UserInfoProvider>,
}

impl Fallback {
    /// Joins instances of one vendor, in the order in which they are asked.
    ///
    /// A name is the operator's word for an instance; it appears in events.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if there is none, or two are not of the same
    /// [`kind`](Descriptor::kind).
    pub fn new<N: Into<String>>(
        instances: impl IntoIterator<Item = (N, Arc<dyn UserInfoProvider>)>,
    ) -> Result<Self> {
        let named = |(name, provider): (N, _)| Instance { name: name.into(), provider };
        let mut instances = instances.into_iter().map(named);
        let first = instances.next().ok_or_else(|| unusable("there is no instance to ask"))?;
        let others: Vec<_> = instances.collect();
        match others.iter().find(|it| it.kind() != first.kind()) {
            Some(other) => Err(mixed(&first, other)),
            None => Ok(Self { first, others }),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Fallback {
    /// Describes the first instance: of one kind, all say the same.
    fn descriptor(&self) -> &'static Descriptor {
        self.first.provider.descriptor()
    }

    /// Says whether all instances answer such look-ups.
    ///
    /// Were it enough that one does, a look-up could fail as unsupported half way, in place of the trouble
    /// that was met.
    fn supports(&self, kind: LookupKind) -> bool {
        self.first.provider.supports(kind) && self.others.iter().all(|it| it.provider.supports(kind))
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        if !self.supports(lookup.kind()) {
            return Err(Error::unsupported(self.first.kind(), lookup.kind()));
        }
        let mut asked = &self.first;
        for next in &self.others {
            let outcome = asked.provider.user(lookup).await;
            match &outcome {
                Err(error) if Health::of(&outcome) == Health::Down => tell(asked, next, error),
                _ => return outcome,
            }
            asked = next;
        }
        asked.provider.user(lookup).await
    }
}

impl Instance {
    fn kind(&self) -> &'static str {
        self.provider.descriptor().kind
    }
}

fn tell(from: &Instance, to: &Instance, error: &Error) {
    let (from, to) = (from.name.as_str(), to.name.as_str());
    tracing::warn!(from, to, error.type = error.kind().as_str(), "falling back");
}

fn mixed(first: &Instance, other: &Instance) -> Error {
    unusable(format!(
        "`{}` is {} and `{}` is {}: an id of one vendor means somebody else at another",
        first.name,
        first.kind(),
        other.name,
        other.kind()
    ))
}

fn unusable(message: impl AsRef<str>) -> Error {
    Error::new(ErrorKind::Config, "fallback", "instances", message)
}

#[cfg(test)]
mod tests;
