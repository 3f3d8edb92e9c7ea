//! Scripts: which fault hits which calls.

use serde_json::{Map, Value};

use crate::{Fault, Operation, Vendor};

/// Rules that decide which calls go wrong; the first rule that fires wins.
///
/// A rule that still skips, is used up, or lets a call pass for its share, leaves the call to the rules behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The rules, in order.
    pub rules: Vec<Rule>,
}

/// One rule of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The vendor whose calls it hits; any by default, or the one vendor at which the fault exists.
    pub vendor: Option<Vendor>,
    /// The operation that it hits; the look-up by default.
    pub operation: Operation,
    /// The id asked for, or the key of the person meant; any by default.
    pub user: Option<String>,
    /// How many matching calls pass before the rule begins.
    pub skip: u64,
    /// How many calls it hits; without an end by default.
    pub times: Option<u64>,
    /// How many of a hundred matching calls it hits, spread evenly.
    pub percent: u8,
    /// What goes wrong.
    pub fault: Fault,
}

impl Rule {
    /// A rule that hits every look-up at which the fault exists.
    #[must_use]
    pub const fn new(fault: Fault) -> Self {
        Self {
            vendor: fault.only_at(),
            operation: Operation::User,
            user: None,
            skip: 0,
            times: None,
            percent: 100,
            fault,
        }
    }
}

impl Script {
    /// A script of one rule that hits every look-up.
    #[must_use]
    pub fn always(fault: Fault) -> Self {
        Self { rules: vec![Rule::new(fault)] }
    }

    /// Reads `{"rules":[{"vendor":"anqicms","user":"1000","skip":0,"times":3,"percent":30,"fault":"empty"}]}`.
    ///
    /// # Errors
    ///
    /// [`ScriptError`], one clear line, for the first fault of the text: no JSON, an unknown key, vendor or fault,
    /// a value of the wrong type, or a fault at a vendor where it does not exist.
    pub fn from_json(json: &str) -> Result<Self, ScriptError> {
        let value =
            serde_json::from_str(json).map_err(|it| ScriptError(format!("the script is no JSON: {it}")))?;
        let Value::Object(mut top) = value else {
            return Err(ScriptError("the script must be an object with the key `rules`".into()));
        };
        let Some(Value::Array(list)) = top.remove("rules") else {
            return Err(ScriptError("the script needs the key `rules`, a list".into()));
        };
        if let Some(key) = top.keys().next() {
            return Err(ScriptError(format!("the script has no key `{key}`; known: rules")));
        }
        let rules = list.into_iter().enumerate().map(|(place, rule)| {
            read_rule(rule).map_err(|reason| ScriptError(format!("rules[{place}]: {reason}")))
        });
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }
}

/// A script that cannot be played; one clear line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(String);

fn read_rule(value: Value) -> Result<Rule, String> {
    let Value::Object(mut map) = value else {
        return Err("a rule must be an object".into());
    };
    let vendor = match map.remove("vendor") {
        Some(Value::String(name)) => Some(name.parse::<Vendor>().map_err(|it| it.to_string())?),
        Some(other) => return Err(format!("`vendor` must be a text, not {other}")),
        None => None,
    };
    let operation = match map.remove("operation") {
        Some(Value::String(name)) => name.parse::<Operation>().map_err(|it| it.to_string())?,
        Some(other) => return Err(format!("`operation` must be a text, not {other}")),
        None => Operation::User,
    };
    if let Some(vendor) = vendor.filter(|it| !operation.exists_at(*it)) {
        return Err(format!("{vendor} has no operation `{operation}`"));
    }
    let user = match map.remove("user") {
        Some(Value::String(user)) => Some(user),
        Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
        Some(other) => return Err(format!("`user` must be a text or an integer, not {other}")),
        None => None,
    };
    let skip = count(&mut map, "skip")?.unwrap_or(0);
    let times = count(&mut map, "times")?;
    let percent = count(&mut map, "percent")?.unwrap_or(100);
    let percent = u8::try_from(percent).ok().filter(|it| *it <= 100).ok_or("`percent` must be 0 to 100")?;
    let fault = Fault::from_map(map).map_err(|it| it.to_string())?;
    match (fault.only_at(), vendor) {
        (Some(only), Some(other)) if only != other => {
            Err(format!("fault `{}` exists at {only} only, not at {other}", fault.name()))
        }
        _ if !operation.has(&fault) => {
            Err(format!("fault `{}` exists at the operation `user` only, not at `{operation}`", fault.name()))
        }
        (only, vendor) => Ok(Rule { operation, vendor: vendor.or(only), user, skip, times, percent, fault }),
    }
}

fn count(map: &mut Map<String, Value>, key: &str) -> Result<Option<u64>, String> {
    let Some(value) = map.remove(key) else { return Ok(None) };
    value.as_u64().map(Some).ok_or_else(|| format!("`{key}` must be a whole number from 0, not {value}"))
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) operation: Operation,
    pub(crate) asked: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) id: Option<&'a str>,
}

/// A rule and what it has seen so far.
#[derive(Debug)]
pub(crate) struct Playing {
    rule: Rule,
    seen: u64,
    hits: u64,
    carry: u32,
}

impl Playing {
    pub(crate) const fn new(rule: Rule) -> Self {
        Self { rule, seen: 0, hits: 0, carry: 0 }
    }

    /// The fault, if this call is one the rule hits. Shares are spread by carrying the remainder on.
    pub(crate) fn next(&mut self, target: Target<'_>) -> Option<Fault> {
        let rule = &self.rule;
        let user = rule.user.as_deref();
        let named = user.is_none() || [target.asked, target.key, target.id].contains(&user);
        if !named || rule.operation != target.operation || rule.vendor.is_some_and(|it| it != target.vendor) {
            return None;
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen <= rule.skip || rule.times.is_some_and(|it| self.hits >= it) {
            return None;
        }
        self.carry += u32::from(rule.percent);
        if self.carry < 100 {
            return None;
        }
        self.carry -= 100;
        self.hits += 1;
        Some(rule.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANQICMS: Target<'_> = Target {
        vendor: Vendor::AnqiCms,
        operation: Operation::User,
        asked: Some("1000"),
        key: Some("everything"),
        id: Some("1000"),
    };

    fn hits(rule: &str, calls: usize) -> Vec<bool> {
        let script = Script::from_json(&format!(r#"{{"rules":[{rule}]}}"#)).unwrap();
        let mut playing = Playing::new(script.rules[0].clone());
        (0..calls).map(|_| playing.next(ANQICMS).is_some()).collect()
    }

    fn refusal(json: &str) -> String {
        let error = Script::from_json(json).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    }

    #[test]
    fn skip_passes_and_times_ends() {
        assert_eq!(hits(r#"{"fault":"empty","skip":1,"times":2}"#, 5), [false, true, true, false, false]);
    }

    #[test]
    fn percent_is_spread_evenly() {
        let thirty = hits(r#"{"fault":"empty","percent":30}"#, 100);
        assert_eq!(thirty.iter().filter(|it| **it).count(), 30);
        assert!(thirty.chunks(10).all(|it| it.iter().filter(|it| **it).count() == 3));
        assert_eq!(hits(r#"{"fault":"empty","percent":50}"#, 4), [false, true, false, true]);
        assert!(!hits(r#"{"fault":"empty","percent":0}"#, 100).contains(&true));
    }

    #[test]
    fn a_rule_hits_its_vendor_and_its_user_alone() {
        assert_eq!(hits(r#"{"fault":"empty","vendor":"quectel"}"#, 1), [false]);
        assert_eq!(hits(r#"{"fault":"empty","user":"1"}"#, 1), [false]);
        assert_eq!(hits(r#"{"fault":"empty","user":1000,"vendor":"anqicms"}"#, 1), [true]);
        assert_eq!(hits(r#"{"fault":"empty","user":"everything"}"#, 1), [true]);
    }

    #[test]
    fn a_rule_hits_look_ups_alone_unless_it_names_another_operation() {
        let login = Target { operation: Operation::Login, ..ANQICMS };
        let first = |rule: &str, target| {
            let script = Script::from_json(&format!(r#"{{"rules":[{rule}]}}"#)).unwrap();
            Playing::new(script.rules[0].clone()).next(target).is_some()
        };
        assert!(!first(r#"{"fault":"empty"}"#, login));
        assert!(first(r#"{"fault":"empty","operation":"login"}"#, login));
        assert!(!first(r#"{"fault":"empty","operation":"login"}"#, ANQICMS));
        assert!(first(r#"{"fault":"empty","operation":"user"}"#, ANQICMS));
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        assert_eq!(refusal(r#"{"rules":[],"rule":1}"#), "the script has no key `rule`; known: rules");
        assert_eq!(
            refusal(r#"{"rules":[{"fault":"empty","user_id":"1"}]}"#),
            "rules[0]: fault `empty` has no key `user_id`"
        );
        assert!(
            refusal(r#"{"rules":[{"fault":"emty"}]}"#)
                .starts_with("rules[0]: no fault is called `emty`; known: ")
        );
        assert!(
            refusal(r#"{"rules":[{"fault":"empty","vendor":"acme"}]}"#)
                .contains("no vendor is called \"acme\"")
        );
        assert!(
            refusal(r#"{"rules":[{"fault":"empty","operation":"logout"}]}"#)
                .contains("no operation is called \"logout\"; known: user, login")
        );
        assert_eq!(
            refusal(r#"{"rules":[{"fault":"empty","operation":"login","vendor":"alipay-plus"}]}"#),
            "rules[0]: alipay-plus has no operation `login`"
        );
        assert_eq!(
            refusal(r#"{"rules":[{"fault":"no-id","operation":"login"}]}"#),
            "rules[0]: fault `no-id` exists at the operation `user` only, not at `login`"
        );
        assert_eq!(refusal(r#"{"rules":[{"times":1}]}"#), "rules[0]: the key `fault` is missing");
        assert!(
            refusal(r#"{"rules":[{"fault":"empty","percent":101}]}"#).contains("`percent` must be 0 to 100")
        );
        assert!(
            refusal(r#"{"rules":[{"fault":"empty","skip":-1}]}"#).contains("`skip` must be a whole number")
        );
        assert!(refusal(r#"{"rules":[{"fault":"http-status"}]}"#).contains("needs the key `status`"));
        assert!(
            refusal(r#"{"rules":[{"fault":"http-status","status":99}]}"#)
                .contains("99 is no final HTTP status")
        );
        assert!(refusal("[]").contains("must be an object"));
        assert!(refusal("{").contains("no JSON"));
        assert!(refusal("{}").contains("needs the key `rules`"));
    }

    #[test]
    fn a_signing_fault_exists_at_alipay_plus_only() {
        assert_eq!(
            refusal(r#"{"rules":[{"fault":"unsigned","vendor":"tianyin"}]}"#),
            "rules[0]: fault `unsigned` exists at alipay-plus only, not at tianyin"
        );
        let script = Script::from_json(r#"{"rules":[{"fault":"unsigned"}]}"#).unwrap();
        assert_eq!(script.rules[0].vendor, Some(Vendor::AlipayPlus));
    }

    #[test]
    fn every_fault_is_known_by_its_name() {
        for name in Fault::names() {
            let fault: Fault = match *name {
                "http-status" => r#"{"fault":"http-status","status":418}"#.parse().unwrap(),
                "vendor-code" => r#"{"fault":"vendor-code","code":5032}"#.parse().unwrap(),
                bare => bare.parse().unwrap(),
            };
            assert_eq!(fault.name(), *name);
            let json = serde_json::to_string(&fault).unwrap();
            assert_eq!(json.parse::<Fault>().unwrap(), fault, "{json}");
            assert_eq!(serde_json::from_str::<Fault>(&json).unwrap(), fault, "{json}");
        }
    }
}
