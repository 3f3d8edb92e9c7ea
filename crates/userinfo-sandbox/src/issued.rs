//! The tokens that the sandbox gave out, and what became of them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{Vendor, moment::Moment};

/// How many tokens are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 100_000;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
    /// A code that is given for tokens.
    Code,
    /// The id of a picture that a login must read.
    Captcha,
}

/// What is written down about a token when it is given out.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) vendor: Vendor,
    pub(crate) kind: Kind,
    /// The key of the person whom it stands for; an enterprise's token stands for nobody.
    pub(crate) owner: Option<String>,
    pub(crate) at: Moment,
    pub(crate) life: Duration,
    /// How long it may lie unused.
    pub(crate) idle: Option<Duration>,
}

/// What a token is worth when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Never given out here.
    Unknown,
    /// Good, and the key of its owner.
    Live(Option<String>),
    Expired,
    Revoked,
    /// Good for one use, and used.
    Spent,
}

/// Every token given out. `Debug` tells how many, and none.
#[derive(Default)]
pub(crate) struct Issued(Mutex<Store>);

#[derive(Default)]
struct Store {
    serial: u64,
    tokens: HashMap<String, Token>,
    order: VecDeque<String>,
    /// Tokens that were revoked and never issued: those that are known from the start.
    revoked: HashSet<String>,
}

struct Token {
    grant: Grant,
    used: Moment,
    revoked: bool,
    spent: bool,
    /// The refresh token that was given out with it.
    companion: Option<String>,
}

impl Issued {
    /// A number that no other token has: values are made of it, so that a run can be repeated.
    pub(crate) fn serial(&self) -> u64 {
        let mut store = self.store();
        store.serial += 1;
        store.serial
    }

    /// Writes a token down.
    pub(crate) fn keep(&self, value: &str, grant: Grant) {
        self.store().keep(value, grant, None);
    }

    /// Writes an access token down and the refresh token that goes with it.
    pub(crate) fn keep_pair(&self, access: (&str, Grant), refresh: (&str, Grant)) {
        let mut store = self.store();
        store.keep(access.0, access.1, Some(refresh.0.to_owned()));
        store.keep(refresh.0, refresh.1, None);
    }

    /// What a token is worth that is shown to this vendor; a good one counts as used.
    pub(crate) fn show(&self, vendor: Vendor, kind: Kind, value: &str, now: Moment) -> Standing {
        self.store().show(vendor, kind, value, now).0
    }

    /// What a token is worth that is good for one use; a good one is used up by that.
    pub(crate) fn spend(&self, vendor: Vendor, kind: Kind, value: &str, now: Moment) -> Standing {
        let mut store = self.store();
        let (standing, token) = store.show(vendor, kind, value, now);
        if let (Standing::Live(_), Some(token)) = (&standing, token) {
            token.spent = true;
        }
        standing
    }

    /// The owner of a token of any kind, whatever it is worth.
    pub(crate) fn owner(&self, value: &str) -> Option<String> {
        self.store().tokens.get(value).and_then(|it| it.grant.owner.clone())
    }

    /// Whose live access token this is, and how long it still lives. It does not count as used.
    pub(crate) fn left(&self, vendor: Vendor, value: &str, now: Moment) -> Option<(String, Duration)> {
        let mut store = self.store();
        let token = store.find(vendor, Kind::Access, value)?;
        let Standing::Live(owner) = token.standing(now) else { return None };
        let left = token.grant.at.plus(token.grant.life).millis().saturating_sub(now.millis());
        Some((owner?, Duration::from_millis(u64::try_from(left).ok()?)))
    }

    /// Ends one token, whether it was issued or known from the start; with an access token its refresh token.
    pub(crate) fn revoke(&self, value: &str) {
        let mut store = self.store();
        let Some(token) = store.tokens.get_mut(value) else {
            store.revoked.insert(value.to_owned());
            return;
        };
        token.revoked = true;
        let companion = token.companion.clone();
        if let Some(companion) = companion.and_then(|it| store.tokens.get_mut(&it)) {
            companion.revoked = true;
        }
    }

    /// Ends every token of these kinds that was issued so far.
    pub(crate) fn revoke_all(&self, kinds: &[Kind]) {
        let mut store = self.store();
        store
            .tokens
            .values_mut()
            .filter(|it| kinds.contains(&it.grant.kind))
            .for_each(|it| it.revoked = true);
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    fn keep(&mut self, value: &str, grant: Grant, companion: Option<String>) {
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.tokens.remove(&oldest);
        }
        self.order.push_back(value.to_owned());
        let used = grant.at;
        let token = Token { grant, used, revoked: false, spent: false, companion };
        self.tokens.insert(value.to_owned(), token);
    }

    fn show(
        &mut self,
        vendor: Vendor,
        kind: Kind,
        value: &str,
        now: Moment,
    ) -> (Standing, Option<&mut Token>) {
        if self.revoked.contains(value) {
            return (Standing::Revoked, None);
        }
        let Some(token) = self.find(vendor, kind, value) else { return (Standing::Unknown, None) };
        let standing = token.standing(now);
        if matches!(standing, Standing::Live(_)) {
            token.used = now;
        }
        (standing, Some(token))
    }

    fn find(&mut self, vendor: Vendor, kind: Kind, value: &str) -> Option<&mut Token> {
        self.tokens.get_mut(value).filter(|it| it.grant.vendor == vendor && it.grant.kind == kind)
    }
}

impl Token {
    fn standing(&self, now: Moment) -> Standing {
        let idle = self.grant.idle.is_some_and(|it| now >= self.used.plus(it));
        if self.revoked {
            Standing::Revoked
        } else if self.spent {
            Standing::Spent
        } else if idle || now >= self.grant.at.plus(self.grant.life) {
            Standing::Expired
        } else {
            Standing::Live(self.grant.owner.clone())
        }
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("tokens", &self.store().tokens.len()).finish_non_exhaustive()
    }
}
