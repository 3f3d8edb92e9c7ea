use serde_json::value::RawValue;

use crate::{Extra, Object};

impl<'a> Object<'a> {
    /// Takes a list and lets `read` take what it knows from every row that is an object, one row at a time.
    ///
    /// What the rows say beyond that goes to `left` under the same name, if it says anything: a list with one
    /// element for each row, `{}` for one that was read in full, and a row that is no object as it was sent.
    /// A row that is null says nothing. The second argument of `read` is where a list within the row leaves
    /// what it says beyond. A member that is no list stays where it is.
    ///
    /// ```
    /// use userinfo_core::{Extra, Object};
    ///
    /// let mut data = Object::parse(r#"{"phones": [{"no": "138"}, {"no": "139", "type": "home"}, "140"]}"#)?;
    /// let (mut phones, mut left) = (Vec::new(), Extra::default());
    /// data.take_rows("phones", &mut left, |row, _| phones.extend(row.take_text("no")));
    /// assert_eq!(phones, ["138", "139"]);
    /// assert_eq!(left.to_string(), r#"{"phones":[{},{"type":"home"},"140"]}"#);
    /// # Ok::<(), userinfo_core::JsonError>(())
    /// ```
    pub fn take_rows(
        &mut self,
        name: &str,
        left: &mut Extra,
        mut read: impl FnMut(&mut Object<'a>, &mut Extra),
    ) {
        let Some(rows) = self.get(name).and_then(Self::list) else { return };
        self.take(name);
        // Text at once, since many small rows are many times their size while they are open.
        let (mut rests, mut has_facts) = (String::from("["), false);
        for value in rows {
            if rests.len() > 1 {
                rests.push(',');
            }
            if let Some(mut row) = Object::within(value) {
                let mut rest = Extra::default();
                read(&mut row, &mut rest);
                rest.append(row.rest());
                has_facts |= !rest.is_empty();
                rests.push_str(&rest.to_string());
            } else {
                has_facts |= value.get() != "null";
                rests.push_str(value.get());
            }
        }
        rests.push(']');
        if let Some(rests) = RawValue::from_string(rests).ok().filter(|_| has_facts) {
            left.insert(name, &rests);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `id` from the rows of `list`; gives the ids, what is left of the rows, and what was not taken.
    fn rows(list: &str) -> (Vec<String>, String, String) {
        let text = format!(r#"{{"list":{list}}}"#);
        let mut object = Object::parse(&text).expect("an object");
        let (mut ids, mut left) = (Vec::new(), Extra::default());
        object.take_rows("list", &mut left, |row, _| ids.extend(row.take_id("id")));
        (ids, left.to_string(), object.rest().to_string())
    }

    #[test]
    fn rows_that_are_read_in_full_leave_nothing() {
        for (list, ids) in [
            (r#"[{"id":1},{"id":"2"}]"#, &["1", "2"][..]),
            (r#"[{"id":1,"a":null,"b":""}]"#, &["1"]),
            (r#"[{"id":1},null,{}]"#, &["1"]),
            ("[null,{}]", &[]),
            ("[]", &[]),
            ("null", &[]),
        ] {
            let (found, left, rest) = rows(list);
            assert_eq!((left.as_str(), rest.as_str()), ("{}", "{}"), "{list}");
            assert_eq!(found, ids, "{list}");
        }
    }

    #[test]
    fn one_odd_row_costs_no_other_and_every_row_keeps_its_place() {
        let (ids, left, rest) =
            rows(r#"[null, {"id":1}, "x", {"id":2, "a":[1.10, {}]}, {"id":4.5}, 7, [ 8 ], {"id":3}]"#);
        assert_eq!(ids, ["1", "2", "3"]);
        assert_eq!(left, r#"{"list":[null,{},"x",{"a":[1.10,{}]},{"id":4.5},7,[8],{}]}"#);
        assert_eq!(rest, "{}");
    }

    #[test]
    fn what_is_no_list_stays_where_it_is() {
        for odd in [r#"{"id":1}"#, r#""x""#, "7"] {
            assert_eq!(rows(odd), (vec![], "{}".to_owned(), format!(r#"{{"list":{odd}}}"#)));
        }
    }

    #[test]
    fn a_list_within_a_row_leaves_its_rows_in_that_row() {
        let mut object = Object::parse(r#"{"a":[{"b":[{"id":1}]},{"b":[{"id":2,"c":3}]}]}"#).expect("JSON");
        let (mut ids, mut left) = (Vec::new(), Extra::default());
        object.take_rows("a", &mut left, |row, left| {
            row.take_rows("b", left, |row, _| ids.extend(row.take_id("id")));
        });
        assert_eq!(ids, ["1", "2"]);
        assert_eq!(left.to_string(), r#"{"a":[{},{"b":[{"c":3}]}]}"#);
    }
}
