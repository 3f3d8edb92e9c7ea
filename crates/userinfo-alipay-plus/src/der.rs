//! Just enough DER to say what a key is, and what it is not.

use crate::KeyError;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// What an RSA key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) form: Form,
    pub(crate) bits: usize,
}

/// The structure that a key is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Pkcs8,
    Pkcs1Private,
    Spki,
    Pkcs1Public,
}

impl Shape {
    /// Looks at the outline of a key; whether its numbers fit together is for the library to say.
    pub(crate) fn of(der: &[u8]) -> Result<Self, KeyError> {
        let top = sequence(der).ok_or(KeyError::NoKey)?;
        let (form, modulus) = match top.as_slice() {
            [(INTEGER, _), (SEQUENCE, algorithm), (OCTET_STRING, key), ..] => {
                is_rsa(algorithm)?;
                (Form::Pkcs8, sequence(key).and_then(|key| integer(&key, 1)))
            }
            [(INTEGER, [1]), (OCTET_STRING, _), ..] => return Err(KeyError::Ec),
            [(INTEGER, _), (INTEGER, modulus), (INTEGER, _), ..] => (Form::Pkcs1Private, Some(*modulus)),
            [(INTEGER, modulus), (INTEGER, _)] => (Form::Pkcs1Public, Some(*modulus)),
            [(SEQUENCE, algorithm), (BIT_STRING, [0, key @ ..])] => {
                is_rsa(algorithm)?;
                (Form::Spki, sequence(key).and_then(|key| integer(&key, 0)))
            }
            [(SEQUENCE, _), (OCTET_STRING, _)] => return Err(KeyError::Encrypted),
            [(SEQUENCE, _), (SEQUENCE, _), (BIT_STRING, _)] => return Err(KeyError::Certificate),
            _ => return Err(KeyError::NoKey),
        };
        let bits = bits(modulus.ok_or(KeyError::Damaged)?);
        match bits {
            2048..=8192 => Ok(Self { form, bits }),
            _ => Err(KeyError::Size { bits }),
        }
    }
}

impl Form {
    pub(crate) fn is_private(self) -> bool {
        matches!(self, Self::Pkcs8 | Self::Pkcs1Private)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PKCS#8",
            Self::Pkcs1Private | Self::Pkcs1Public => "PKCS#1",
            Self::Spki => "SPKI",
        }
    }
}

type Element<'a> = (u8, &'a [u8]);

fn is_rsa(algorithm: &[u8]) -> Result<(), KeyError> {
    match elements(algorithm).as_deref() {
        Some([(OBJECT_ID, RSA), ..]) => Ok(()),
        Some([(OBJECT_ID, EC), ..]) => Err(KeyError::Ec),
        Some([(OBJECT_ID, _), ..]) => Err(KeyError::NotRsa),
        _ => Err(KeyError::NoKey),
    }
}

/// The elements of the one sequence that `der` is.
fn sequence(der: &[u8]) -> Option<Vec<Element<'_>>> {
    match elements(der)?.as_slice() {
        [(SEQUENCE, content)] => elements(content),
        _ => None,
    }
}

fn elements(mut der: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while let [tag, length, rest @ ..] = der {
        let (length, rest) = match length {
            0..=0x7f => (usize::from(*length), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
                (digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        found.push((*tag, content));
        der = rest;
    }
    der.is_empty().then_some(found)
}

fn integer<'a>(elements: &[Element<'a>], at: usize) -> Option<&'a [u8]> {
    elements.get(at).and_then(|(tag, content)| (*tag == INTEGER).then_some(*content))
}

fn bits(number: &[u8]) -> usize {
    let zeros: usize = number.iter().take_while(|it| **it == 0).count();
    let top = number.get(zeros).map_or(0, |it| it.leading_zeros() as usize);
    (number.len() - zeros) * 8 - top
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_short_or_runs_over_is_no_key() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x02, 0x02, 0x05],
            &[0x30, 0x00, 0x00],
            &[0x04, 0x01, 0x00],
        ] {
            assert_eq!(Shape::of(der), Err(KeyError::NoKey), "{der:?}");
        }
    }

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[0, 1]), 1);
        assert_eq!(bits(&[0, 0x80, 0]), 16);
        assert_eq!(bits(&[0x7f, 0]), 15);
    }
}
