use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use userinfo_core::{Factory, Layer};

use crate::{Stack, stack::Memory};

/// Puts the layers that a configuration names around the providers that it names.
///
/// Gives factories that read the table `layers` of each instance, and keeps hold of every stack by the
/// instance's name, to purge what it keeps. A clone holds the same stacks.
///
/// ```
/// use userinfo_core::{Factory, Registry, SecretSources};
/// use userinfo_layers::Layers;
///
/// # fn start(text: &str, factories: Vec<Factory>, sources: &dyn SecretSources) -> Result<(), Box<dyn std::error::Error>> {
/// let layers = Layers::new();
/// let registry = Registry::from_toml(text, &layers.over(factories), sources)?;
/// // Later, when somebody wants to be forgotten:
/// layers.purge("1000");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Layers {
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    /// What was built last under each name.
    latest: BTreeMap<String, Stack>,
    /// What is kept by all that was built and still lives, also before a configuration was read again.
    memories: Vec<Memory>,
    /// Whether nothing but tracing is put around what is built.
    is_bare: bool,
}

impl Layers {
    /// Holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes factories that put each instance's layers around what these build.
    #[must_use]
    pub fn over(&self, factories: impl IntoIterator<Item = Factory>) -> Vec<Factory> {
        factories.into_iter().map(|factory| self.around(factory)).collect()
    }

    /// Returns the layers of an instance, as they were built last.
    #[must_use]
    pub fn get(&self, instance: &str) -> Option<Stack> {
        self.lock().latest.get(instance).cloned()
    }

    /// Puts nothing but tracing around what is built from now on; the settings are read and judged all the same.
    ///
    /// For a probe, which is one question, however patient the configured layers are.
    pub fn leave_bare(&self) {
        self.lock().is_bare = true;
    }

    /// Forgets all that is kept of a user by every instance; returns how many answers that were.
    ///
    /// That includes instances of configurations read before, as long as somebody uses their providers. Ids of
    /// different vendors are different people's: to forget one vendor's user, purge that [`Stack`](Self::get).
    #[expect(clippy::must_use_candidate, reason = "forgetting is what it is called for")]
    pub fn purge(&self, id: &str) -> usize {
        let memories = self.lock().memories.clone();
        memories.iter().map(|memory| memory.purge(id)).sum()
    }

    fn around(&self, factory: Factory) -> Factory {
        let layers = self.clone();
        factory.layered(move |settings| {
            let stack = Stack::from_settings(settings);
            if settings.is_trial() {
                return None;
            }
            let name = settings.instance();
            let mut held = layers.lock();
            let stack = if held.is_bare { Stack::bare(name) } else { stack };
            held.memories.retain(Memory::is_alive);
            held.memories.push(stack.memory());
            held.latest.insert(name.to_owned(), stack.clone());
            Some(Arc::new(stack) as Arc<dyn Layer>)
        })
    }

    /// A panic elsewhere leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
