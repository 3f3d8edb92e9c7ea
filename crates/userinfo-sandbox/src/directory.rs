//! The people, found by what each vendor asks for.

use std::collections::HashMap;

use crate::people::Person;

/// The people and the ways to find them; of two with the same id the first is found.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    people: Vec<Person>,
    quectel: HashMap<String, usize>,
    alipay_token: HashMap<String, usize>,
    anqicms: HashMap<u32, usize>,
    anqicms_token: HashMap<String, usize>,
    tianyin: HashMap<i64, usize>,
}

impl Directory {
    pub(crate) fn new(people: Vec<Person>) -> Self {
        let mut directory = Self::default();
        for (place, person) in people.iter().enumerate() {
            directory.quectel.entry(person.ids.quectel.clone()).or_insert(place);
            directory.alipay_token.entry(person.alipay_access_token()).or_insert(place);
            directory.anqicms.entry(person.ids.anqicms).or_insert(place);
            directory.anqicms_token.entry(person.anqicms_token()).or_insert(place);
            directory.tianyin.entry(person.ids.tianyin).or_insert(place);
        }
        Self { people, ..directory }
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<&Person> {
        self.people.iter().find(|it| it.key == key)
    }

    pub(crate) fn by_quectel_id(&self, id: &str) -> Option<&Person> {
        self.at(self.quectel.get(id))
    }

    pub(crate) fn by_alipay_token(&self, token: &str) -> Option<&Person> {
        self.at(self.alipay_token.get(token))
    }

    pub(crate) fn by_anqicms_id(&self, id: u32) -> Option<&Person> {
        self.at(self.anqicms.get(&id))
    }

    pub(crate) fn by_anqicms_token(&self, token: &str) -> Option<&Person> {
        self.at(self.anqicms_token.get(token))
    }

    pub(crate) fn by_tianyin_id(&self, id: i64) -> Option<&Person> {
        self.at(self.tianyin.get(&id))
    }

    fn at(&self, place: Option<&usize>) -> Option<&Person> {
        place.and_then(|it| self.people.get(*it))
    }
}
