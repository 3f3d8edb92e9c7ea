/// Where one canonical field comes from: a row of a provider's `FIELDS` table.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Field {
    /// The canonical name, one of [`User::FIELDS`](crate::User::FIELDS).
    pub name: &'static str,
    /// The places in the raw answer, first choice first.
    pub sources: &'static [Source],
}

/// One place in the vendor's answer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Source {
    /// A JSON Pointer (RFC 6901) into the raw answer, in which `*` stands for every index of a list.
    pub path: &'static str,
    /// A sibling member and the values, compared without case, under which this place counts.
    pub when: Option<(&'static str, &'static [&'static str])>,
}

impl Field {
    /// Names a canonical field and its sources.
    #[must_use]
    pub const fn new(name: &'static str, sources: &'static [Source]) -> Self {
        Self { name, sources }
    }
}

impl Source {
    /// Names a place.
    #[must_use]
    pub const fn at(path: &'static str) -> Self {
        Self { path, when: None }
    }

    /// Lets the place count only where its sibling `member` has one of `values`.
    #[must_use]
    pub const fn when(mut self, member: &'static str, values: &'static [&'static str]) -> Self {
        self.when = Some((member, values));
        self
    }
}
