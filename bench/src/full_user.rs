//! A user as a talkative vendor knows one, and a provider that knows nobody else.

use async_trait::async_trait;
use userinfo_core::{Descriptor, Lookup, LookupKind, Result, User, UserInfoProvider};

use crate::Failure;

static ACME: Descriptor =
    Descriptor::new("acme", "Acme", "https://acme.example/docs", &[LookupKind::Id], &[]);

/// Answers at once, always with the same full user.
#[derive(Debug)]
pub(crate) struct AtOnce(User);

impl AtOnce {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self(serde_json::from_str(include_str!("full_user.json"))?))
    }
}

#[async_trait]
impl UserInfoProvider for AtOnce {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        Ok(self.0.clone())
    }
}
