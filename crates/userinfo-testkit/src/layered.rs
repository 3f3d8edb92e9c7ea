use std::sync::Arc;

use async_trait::async_trait;
use userinfo_core::{Descriptor, Layer, Lookup, LookupKind, Result, Secret, User, UserInfoProvider};
use userinfo_sandbox::Person;

use crate::{Deviation, Subject, Wire};

/// A subject behind a layer that should change nothing a caller can see.
///
/// ```
/// use userinfo_testkit::{Layered, Neutral, Subject};
///
/// fn behind_nothing(subject: impl Subject) -> impl Subject {
///     Layered::new(subject, Neutral)
/// }
/// ```
#[derive(Debug)]
pub struct Layered<S> {
    subject: S,
    layer: Arc<dyn Layer>,
}

impl<S: Subject> Layered<S> {
    /// Puts `layer` around every provider of `subject`.
    pub fn new(subject: S, layer: impl Layer + 'static) -> Self {
        Self { subject, layer: Arc::new(layer) }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Subject> Subject for Layered<S> {
    fn mount(&self) -> &'static str {
        self.subject.mount()
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        self.layer.wrap(self.subject.provider(wire))
    }

    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        self.subject.with_secret(wire, secret).map(|inner| self.layer.wrap(inner))
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
