//! How many calls are allowed in which time: what a rate says, and its arithmetic, which is exact. No floating point, no rounding
//! until somebody is told.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::when::Part;
use super::{Reply, duration};
use crate::contract::Call;
use crate::finding::Place;

/// A limit on calls, and what is answered beyond it.
#[derive(Debug)]
pub struct Rate {
    /// How many calls are allowed.
    pub quota: Quota,
    /// What is counted apart.
    pub by: By,
    /// Which fields tell of it.
    pub fields: LimitFields,
    /// The answer to a call that is not allowed.
    pub refusal: Arc<Reply>,
    /// Where what is counted apart is written.
    pub(super) place: Place,
}

/// What is counted apart; in each session always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By(pub(super) Option<Part>);

impl By {
    /// The value of a call that says with which others it is counted; `None`: with those that have none.
    pub fn value<'c>(&self, call: &'c Call<'_>) -> Option<Cow<'c, str>> {
        self.0.as_ref()?.text(call)
    }
}

/// The fields that tell of a rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitFields {
    /// `RateLimit-Policy` and `RateLimit`.
    Ietf,
    /// `X-RateLimit-Limit`, `X-RateLimit-Remaining`, `X-RateLimit-Reset`.
    X,
    /// All of these.
    #[default]
    Both,
    /// None of them.
    None,
}

/// How calls are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A bucket of tokens, full at first, that fills up steadily.
    #[default]
    Bucket,
    /// So many calls in a window of time, which begins with the first of them.
    Window,
}

/// So many calls in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    kind: Kind,
    limit: u64,
    per_ns: u64,
    /// How many tokens a bucket holds.
    burst: u64,
}

/// How much of a quota is there. Only its quota knows what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Of a bucket, what is in it: each nanosecond adds `limit`, and a token is `per_ns` of it. Of a window, the calls in it.
    amount: u128,
    /// Of a bucket, when that was in it. Of a window, when it began.
    at_ns: u64,
}

impl Quota {
    /// The most calls that a rate can allow. With it the sums below stay far from 2^128.
    pub(super) const MOST: u64 = 1_000_000_000;

    /// `limit` and `burst` are 1 or more, and `per` is not zero: what is less is taken for that.
    pub fn new(kind: Kind, limit: u64, per: Duration, burst: Option<u64>) -> Quota {
        let limit = limit.clamp(1, Quota::MOST);
        let per_ns = u64::try_from(per.min(duration::LONGEST).as_nanos()).unwrap_or(u64::MAX).max(1);
        Quota { kind, limit, per_ns, burst: burst.unwrap_or(limit).clamp(1, Quota::MOST) }
    }

    /// How calls are allowed.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The most calls that can follow one on the other.
    pub fn capacity(&self) -> u64 {
        match self.kind {
            Kind::Bucket => self.burst,
            Kind::Window => self.limit,
        }
    }

    /// How long it takes until all of it is there again.
    pub fn refill(&self) -> Duration {
        match self.kind {
            Kind::Bucket => Duration::from_nanos(self.time_for(self.full())),
            Kind::Window => self.per(),
        }
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn per(&self) -> Duration {
        Duration::from_nanos(self.per_ns)
    }

    /// What tells it from others.
    pub fn bytes(&self) -> [u8; 25] {
        let mut bytes = [0; 25];
        bytes[0] = u8::from(self.kind == Kind::Window);
        for (place, number) in [(1, self.limit), (9, self.per_ns), (17, self.burst)] {
            bytes[place..place + 8].copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// Nothing is used up.
    pub fn fresh(&self, now_ns: u64) -> Standing {
        match self.kind {
            Kind::Bucket => Standing { amount: self.full(), at_ns: now_ns },
            Kind::Window => Standing { amount: 0, at_ns: now_ns },
        }
    }

    /// The same, now. A clock that shows less than it did is not gone back with: what was used up stays so.
    #[must_use = "a standing is a value: keep what this returns"]
    pub fn at(&self, standing: Standing, now_ns: u64) -> Standing {
        let Standing { amount, at_ns } = standing;
        let passed = now_ns.saturating_sub(at_ns);
        match self.kind {
            Kind::Bucket => {
                let amount = amount + u128::from(passed) * u128::from(self.limit);
                Standing { amount: amount.min(self.full()), at_ns: now_ns.max(at_ns) }
            }
            Kind::Window if amount == 0 || passed >= self.per_ns => self.fresh(now_ns.max(at_ns)),
            Kind::Window => standing,
        }
    }

    /// What is there after one more call, where that is allowed.
    pub fn take(&self, standing: Standing) -> Option<Standing> {
        let Standing { amount, at_ns } = standing;
        let amount = match self.kind {
            Kind::Bucket => amount.checked_sub(u128::from(self.per_ns))?,
            Kind::Window => (amount < u128::from(self.limit)).then_some(amount + 1)?,
        };
        Some(Standing { amount, at_ns })
    }

    /// How many calls are allowed without waiting.
    pub fn left(&self, standing: Standing) -> u64 {
        let left = match self.kind {
            Kind::Bucket => standing.amount / u128::from(self.per_ns),
            Kind::Window => u128::from(self.limit).saturating_sub(standing.amount),
        };
        u64::try_from(left).unwrap_or(u64::MAX)
    }

    /// How long until more calls are allowed than now; `None` where all of it is there.
    pub fn more_in(&self, standing: Standing, now_ns: u64) -> Option<Duration> {
        let Standing { amount, at_ns } = standing;
        let now_ns = now_ns.max(at_ns);
        let wait_ns = match self.kind {
            Kind::Bucket if amount >= self.full() => return None,
            Kind::Bucket => {
                let next = (u128::from(self.left(standing)) + 1) * u128::from(self.per_ns);
                self.time_for(next.saturating_sub(amount))
            }
            Kind::Window if amount == 0 => return None,
            Kind::Window => at_ns.saturating_add(self.per_ns).saturating_sub(now_ns),
        };
        Some(Duration::from_nanos(wait_ns))
    }

    /// When all of it is there again: from then on it says nothing.
    pub fn full_ns(&self, standing: Standing) -> u64 {
        let Standing { amount, at_ns } = standing;
        match self.kind {
            Kind::Bucket => at_ns.saturating_add(self.time_for(self.full().saturating_sub(amount))),
            Kind::Window if amount == 0 => at_ns,
            Kind::Window => at_ns.saturating_add(self.per_ns),
        }
    }

    /// What is in a full bucket.
    fn full(&self) -> u128 {
        u128::from(self.burst) * u128::from(self.per_ns)
    }

    /// How long it takes until so much more is in a bucket, in nanoseconds.
    fn time_for(&self, amount: u128) -> u64 {
        u64::try_from(amount.div_ceil(u128::from(self.limit))).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Kind, Quota, Standing};

    const SECOND: u64 = 1_000_000_000;

    fn quota(kind: Kind, limit: u64, per: u64, burst: Option<u64>) -> Quota {
        Quota::new(kind, limit, Duration::from_nanos(per), burst)
    }

    /// Asks at a time; whether it was allowed.
    fn ask(quota: &Quota, standing: &mut Standing, now_ns: u64) -> bool {
        *standing = quota.at(*standing, now_ns);
        let taken = quota.take(*standing);
        *standing = taken.unwrap_or(*standing);
        taken.is_some()
    }

    #[test]
    fn a_bucket_fills_up_steadily() {
        let quota = quota(Kind::Bucket, 3, 10 * SECOND, None);
        let mut bucket = quota.fresh(0);
        assert_eq!((quota.left(bucket), quota.more_in(bucket, 0), quota.full_ns(bucket)), (3, None, 0));
        assert!((0..3).all(|_| ask(&quota, &mut bucket, 0)) && !ask(&quota, &mut bucket, 0));
        // A third of ten seconds is no whole number of nanoseconds: a nanosecond less is not enough.
        assert_eq!(quota.more_in(bucket, 0), Some(Duration::from_nanos(3_333_333_334)));
        assert!(!ask(&quota, &mut bucket, 3_333_333_333));
        assert!(ask(&quota, &mut bucket, 3_333_333_334));
        assert_eq!(quota.full_ns(bucket), 10 * SECOND + 3_333_333_334);
        assert!(!ask(&quota, &mut bucket, 6_666_666_666) && ask(&quota, &mut bucket, 6_666_666_667));
        bucket = quota.at(bucket, 40 * SECOND);
        assert_eq!((quota.left(bucket), quota.more_in(bucket, 40 * SECOND)), (3, None));
    }

    #[test]
    fn a_bucket_may_hold_more_or_less_than_flows_in() {
        let wide = quota(Kind::Bucket, 1, SECOND, Some(5));
        let mut bucket = wide.fresh(0);
        assert!((0..5).all(|_| ask(&wide, &mut bucket, 0)) && !ask(&wide, &mut bucket, SECOND - 1));
        assert_eq!((wide.capacity(), wide.refill()), (5, Duration::from_secs(5)));
        let even = quota(Kind::Bucket, 10, SECOND, Some(1));
        let mut bucket = even.fresh(0);
        assert!(ask(&even, &mut bucket, 0) && !ask(&even, &mut bucket, 99_999_999));
        assert!(ask(&even, &mut bucket, 100_000_000));
    }

    #[test]
    fn a_window_begins_with_its_first_call() {
        let quota = quota(Kind::Window, 2, 10 * SECOND, None);
        let mut window = quota.fresh(0);
        assert_eq!(quota.more_in(window, 0), None);
        let start = 7 * SECOND;
        assert!(ask(&quota, &mut window, start) && ask(&quota, &mut window, start + 9 * SECOND));
        assert!(!ask(&quota, &mut window, start + 10 * SECOND - 1));
        assert_eq!(quota.more_in(window, start + 10 * SECOND - 1), Some(Duration::from_nanos(1)));
        assert!(ask(&quota, &mut window, start + 10 * SECOND));
        assert_eq!((quota.left(window), quota.full_ns(window)), (1, start + 20 * SECOND));
    }

    #[test]
    fn waiting_as_long_as_is_told_is_enough_and_less_is_not() {
        for kind in [Kind::Bucket, Kind::Window] {
            for (limit, per, burst) in [(1, 1, None), (3, 10, None), (7, 1_000_003, Some(2)), (1_000_000_000, 3, None)]
            {
                let quota = quota(kind, limit, per, burst);
                let (mut standing, mut now, mut used) = (quota.fresh(0), 0, 0_u64);
                while used < 200 {
                    if ask(&quota, &mut standing, now) {
                        used += 1;
                        continue;
                    }
                    let wait = u64::try_from(quota.more_in(standing, now).unwrap().as_nanos()).unwrap();
                    assert!(wait > 0 && (wait == 1 || quota.take(quota.at(standing, now + wait - 1)).is_none()));
                    assert!(quota.take(quota.at(standing, now + wait)).is_some(), "{quota:?}");
                    now += wait;
                }
            }
        }
    }

    #[test]
    fn what_is_allowed_is_what_is_left_and_what_flowed_in() {
        // However it is asked: never more than the burst and what came since.
        let quota = quota(Kind::Bucket, 3, 10, Some(4));
        let (mut bucket, mut allowed) = (quota.fresh(0), 0);
        for now in 0..10_000 {
            // At odd times, several at once.
            for _ in 0..now % 3 {
                allowed += u64::from(ask(&quota, &mut bucket, now));
            }
            assert!(allowed <= 4 + now * 3 / 10, "{now}");
        }
        assert_eq!(allowed, 4 + 9_999 * 3 / 10, "and no less, where there were enough that asked");
    }

    #[test]
    fn the_largest_numbers_fit_and_clocks_may_go_back() {
        for kind in [Kind::Bucket, Kind::Window] {
            let quota = Quota::new(kind, u64::MAX, Duration::MAX, Some(u64::MAX));
            let mut standing = quota.fresh(0);
            assert!(ask(&quota, &mut standing, u64::MAX) && ask(&quota, &mut standing, 0));
            assert!(quota.full_ns(standing) >= 1 && quota.more_in(standing, 0).is_some());
            let least = Quota::new(kind, 0, Duration::ZERO, Some(0));
            let mut standing = least.fresh(5);
            assert!(ask(&least, &mut standing, 5) && !ask(&least, &mut standing, 3) && ask(&least, &mut standing, 6));
        }
    }
}
