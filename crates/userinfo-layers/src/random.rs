use std::fmt;

/// Rolls the dice; given to whoever needs them, so that a test can say how they fall.
pub trait Random: fmt::Debug + Send + Sync {
    /// Returns a number from 0, inclusive, to 1, exclusive.
    fn unit(&self) -> f64;
}

/// The dice of the machine: unforeseeable enough to keep callers apart, and no secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn unit(&self) -> f64 {
        fastrand::f64()
    }
}

/// Rolls, and takes dice that fall outside of what they promise for those that fall lowest.
pub(crate) fn roll(random: &dyn Random) -> f64 {
    Some(random.unit()).filter(|it| (0.0..=1.0).contains(it)).unwrap_or(0.0)
}

/// Asks the machine for 64 random bits.
pub(crate) fn system_u64() -> u64 {
    getrandom::u64().expect("a machine that can open a TLS connection has randomness")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_at_least_zero_and_below_one() {
        let rolled: Vec<_> = (0..100).map(|_| SystemRandom.unit().to_bits()).collect();
        assert!(rolled.iter().all(|it| (0.0..1.0).contains(&f64::from_bits(*it))));
        assert!(rolled.iter().any(|it| *it != rolled[0]));
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are exact")]
    fn dice_that_fall_nowhere_fall_lowest() {
        #[derive(Debug)]
        struct Loaded(f64);
        impl Random for Loaded {
            fn unit(&self) -> f64 {
                self.0
            }
        }
        let rolled = [f64::NAN, -1.0, 1.0, f64::INFINITY, 0.25].map(|it| roll(&Loaded(it)));
        assert_eq!(rolled, [0.0, 0.0, 1.0, 0.0, 0.25]);
    }
}
