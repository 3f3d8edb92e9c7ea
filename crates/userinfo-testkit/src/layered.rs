use std::{fmt, sync::Arc};

use async_trait::async_trait;
use userinfo_core::{Descriptor, Layer, Lookup, LookupKind, Result, Retry, Secret, User, UserInfoProvider};
use userinfo_sandbox::Person;

use crate::{Deviation, Subject, Tries, Wire};

/// A subject behind a layer that should change nothing a caller can see.
///
/// ```
/// use userinfo_testkit::{Layered, Neutral, Subject};
///
/// fn behind_nothing(subject: impl Subject) -> impl Subject {
///     Layered::new(subject, Neutral)
/// }
/// ```
pub struct Layered<S> {
    subject: S,
    wrap: Box<Wrap>,
    tries: Box<Stated>,
    remembers: bool,
}

type Wrap = dyn Fn(Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> + Send + Sync;
type Stated = dyn Fn(Retry) -> Tries + Send + Sync;

impl<S: Subject> Layered<S> {
    /// Puts one layer around every provider of `subject`: they share its state.
    ///
    /// A case asks several sandboxes, and breaks some of them. For a layer that remembers what an upstream did
    /// there is [`each`](Self::each).
    pub fn new(subject: S, layer: impl Layer + 'static) -> Self {
        Self::wrapping(subject, move |inner| layer.wrap(inner))
    }

    /// Puts a new layer around each provider of `subject`, as if each had an upstream of its own.
    ///
    /// ```
    /// use userinfo_testkit::{Layered, Neutral, Subject};
    ///
    /// fn behind_a_new_one_each(subject: impl Subject) -> impl Subject {
    ///     Layered::each(subject, || Neutral)
    /// }
    /// ```
    pub fn each<L: Layer>(subject: S, layer: impl Fn() -> L + Send + Sync + 'static) -> Self {
        Self::wrapping(subject, move |inner| layer().wrap(inner))
    }

    /// States how often the layer tries, for what the provider below it says: see [`Subject::tries`].
    ///
    /// The cases then play each fault as often, and want so many requests and this retry, no more and no less.
    ///
    /// ```
    /// use userinfo_core::Layer;
    /// use userinfo_testkit::{Layered, Subject, Tries};
    ///
    /// fn behind_three_tries<L: Layer + 'static>(subject: impl Subject, retrying: fn() -> L) -> impl Subject {
    ///     Layered::each(subject, retrying).trying(|retry| Tries::up_to(3, retry))
    /// }
    /// ```
    #[must_use]
    pub fn trying(self, tries: impl Fn(Retry) -> Tries + Send + Sync + 'static) -> Self {
        Self { tries: Box::new(tries), ..self }
    }

    /// States that the layer answers a look-up that ended well by itself the next time.
    ///
    /// What failed is asked again all the same.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self { remembers: true, ..self }
    }

    fn wrapping(
        subject: S,
        wrap: impl Fn(Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> + Send + Sync + 'static,
    ) -> Self {
        Self { subject, wrap: Box::new(wrap), tries: Box::new(Tries::once), remembers: false }
    }
}

impl<S: fmt::Debug> fmt::Debug for Layered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Subject> Subject for Layered<S> {
    fn mount(&self) -> &'static str {
        self.subject.mount()
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        (self.wrap)(self.subject.provider(wire))
    }

    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        self.subject.with_secret(wire, secret).map(&self.wrap)
    }

    fn replay(&self, answer: &[u8]) -> Result<User> {
        self.subject.replay(answer)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        self.subject.lookup(person)
    }

    fn id(&self, person: &Person) -> String {
        self.subject.id(person)
    }

    fn token(&self, person: &Person) -> Result<Secret, &'static str> {
        self.subject.token(person)
    }

    fn nobody(&self) -> Result<Lookup, &'static str> {
        self.subject.nobody()
    }

    fn invalid_ids(&self) -> &[&str] {
        self.subject.invalid_ids()
    }

    fn documented(&self) -> &[&str] {
        self.subject.documented()
    }

    fn secrets(&self) -> Vec<Secret> {
        self.subject.secrets()
    }

    fn deviations(&self) -> &[Deviation] {
        self.subject.deviations()
    }

    fn unknown_code(&self) -> &'static str {
        self.subject.unknown_code()
    }

    /// Each request of this layer is a look-up of what lies below.
    fn tries(&self, retry: Retry) -> Tries {
        let below = self.subject.tries(retry);
        if below.retry == Retry::Never {
            return below;
        }
        let here = (self.tries)(below.retry);
        Tries { requests: below.requests * here.requests, ..here }
    }

    fn remembers(&self) -> bool {
        self.remembers || self.subject.remembers()
    }

    fn lookup_by(&self, kind: LookupKind, person: &Person) -> Result<Lookup, &'static str> {
        self.subject.lookup_by(kind, person)
    }
}

/// The layer that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Neutral;

#[derive(Debug)]
struct Wrapped(Arc<dyn UserInfoProvider>);

impl Layer for Neutral {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        Arc::new(Wrapped(inner))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Wrapped {
    fn descriptor(&self) -> &'static Descriptor {
        self.0.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.0.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        self.0.user(lookup).await
    }
}
