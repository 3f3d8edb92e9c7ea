use std::{fmt, sync::Arc};

use crate::{Descriptor, Instance, Layer, Result, Settings, User};

/// How a provider joins a [`Registry`](crate::Registry): a value that its crate hands out.
///
/// There is no global list: whoever builds a registry names the factories.
#[derive(Clone)]
pub struct Factory {
    descriptor: &'static Descriptor,
    build: Arc<Build>,
    replay: fn(&[u8]) -> Result<User>,
}

type Build = dyn Fn(&mut Settings<'_>) -> Option<Instance> + Send + Sync;

impl Factory {
    /// Makes a factory.
    ///
    /// `build` reads its settings and reports every fault to them: `None` says that there were some. It does
    /// no I/O, and returns a provider, or an [`Instance`] where there is more to it. `replay` maps a saved answer of the
    /// vendor without the network.
    pub fn new<I: Into<Instance>>(
        descriptor: &'static Descriptor,
        build: impl Fn(&mut Settings<'_>) -> Option<I> + Send + Sync + 'static,
        replay: fn(&[u8]) -> Result<User>,
    ) -> Self {
        let build = move |settings: &mut Settings<'_>| build(settings).map(Into::into);
        Self { descriptor, build: Arc::new(build), replay }
    }

    /// Puts a layer around every provider that this builds, as its settings say.
    ///
    /// `read` reads its own keys, such as the table `layers`, and reports every fault to the settings: `None`
    /// says that there were some.
    #[must_use]
    pub fn layered(
        self,
        read: impl Fn(&mut Settings<'_>) -> Option<Arc<dyn Layer>> + Send + Sync + 'static,
    ) -> Self {
        let inner = self.build;
        let build = move |settings: &mut Settings<'_>| {
            // Both are read before either is judged, so that one run lists every fault.
            let (layer, instance) = (read(settings), inner(settings));
            let (layer, instance) = (layer?, instance?);
            Some(Instance { provider: layer.wrap(instance.provider), ..instance })
        };
        Self { build: Arc::new(build), ..self }
    }

    /// Describes the provider that this builds.
    #[must_use]
    pub fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    /// Maps a saved answer again. No signature is checked and no id is compared.
    ///
    /// # Errors
    ///
    /// What the provider would say of this answer, come with HTTP status 200.
    pub fn replay(&self, answer: &[u8]) -> Result<User> {
        (self.replay)(answer)
    }

    pub(crate) fn build(&self, settings: &mut Settings<'_>) -> Option<Instance> {
        (self.build)(settings)
    }
}

impl fmt::Debug for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Factory({})", self.descriptor.kind)
    }
}
