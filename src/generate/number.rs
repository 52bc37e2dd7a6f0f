//! Numbers within bounds, exactly: everything is a whole multiple of a step, at a power of ten; nothing goes through
//! floating point before it is written.

use serde_json::{Number, Value};

use super::Seed;
use super::draw::Draws;
use super::meaning::{Meaning, PageField};
use super::text::Spot;
use super::time::{self, Occasion, Precision};

/// What schemas ask of a number, put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// The number, and whether it is itself excluded.
    pub(super) least: Vec<(Number, bool)>,
    pub(super) most: Vec<(Number, bool)>,
    pub(super) steps: Vec<Number>,
    pub(super) integer: bool,
}

/// The numbers `count * step / 10^scale` for all whole counts between two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    role: Role,
    scale: u32,
    step: i128,
    /// Whether all of them are integers.
    whole: bool,
    /// What is drawn is a multiple of this many steps, if that is admitted.
    grain: i128,
    /// What is drawn from.
    usual: (i128, i128),
    /// What is admitted.
    admitted: (i128, i128),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Drawn,
    Moment(Occasion, Precision),
    Latitude,
    Longitude,
}

/// Which part of the usual numbers a name asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lean {
    None,
    /// `min_…`: not above what is usual.
    Low,
    /// `max_…`: not below what is usual.
    High,
}

impl Lean {
    pub(super) fn of(words: &[String]) -> Lean {
        let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        if words.len() > 1 && has(&["max", "maximum", "limit", "total"]) {
            return Lean::High;
        }
        if words.len() > 1 && has(&["min", "minimum"]) { Lean::Low } else { Lean::None }
    }

    fn towards(self, (from, to): (i128, i128)) -> (i128, i128) {
        match self {
            Lean::None => (from, to),
            Lean::Low => (from.min(1), from.max(1)),
            Lean::High => (to, to.saturating_mul(2)),
        }
    }
}

/// A number as digits and a power of ten.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    scale: u32,
}

/// Decimal places beyond which numbers are taken as doubles.
const FINEST: u32 = 17;
/// Decimal places of the finest numbers that are made unless bounds ask for finer ones, and of those that are made first.
const PLACES: u32 = 12;
const USUAL: u32 = 6;
/// Numbers beyond this are not looked for: 64-bit integers, signed and unsigned, lie within.
const REACH: i128 = u64::MAX as i128;

impl Decimal {
    fn of(number: &Number) -> Option<Decimal> {
        if let Some(whole) = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)) {
            return Some(Decimal { digits: whole, scale: 0 });
        }
        let text = number.to_string();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent.parse().ok()?)?;
        match u32::try_from(scale) {
            Ok(scale) => (scale <= FINEST).then_some(Decimal { digits, scale }),
            Err(_) => Some(Decimal { digits: digits.checked_mul(power(scale.unsigned_abs())?)?, scale: 0 }),
        }
    }

    fn at(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(power(scale.checked_sub(self.scale)?)?)
    }
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The numbers within limits, those that its meaning suggests where they are among them; `None` where there are none.
///
/// A `lean` towards the top or the bottom keeps what is called `max_seconds` above what is called `default_seconds`.
pub(super) fn numbers(limits: &Limits, meaning: Option<Meaning>, lean: Lean) -> Option<Numbers> {
    let places =
        |list: &[(Number, bool)]| list.iter().filter_map(|(number, _)| Decimal::of(number)).map(|one| one.scale).max();
    let of_steps = limits.steps.iter().filter_map(Decimal::of).map(|one| one.scale).max().unwrap_or(0);
    let of_ends = places(&limits.least).max(places(&limits.most)).unwrap_or(0);
    let wanted = if limits.integer || !limits.steps.is_empty() { of_steps } else { of_ends.max(2) };
    let wanted = if wanted > USUAL && of_steps <= 2 { 2 } else { wanted };
    // Between narrow ends there may be room only some places further.
    let scales =
        [Some(wanted), (!limits.integer).then_some(of_ends.max(of_steps) + 2), (!limits.integer).then_some(PLACES)];
    scales.into_iter().flatten().find_map(|scale| at_scale(limits, meaning, lean, scale))
}

fn at_scale(limits: &Limits, meaning: Option<Meaning>, lean: Lean, scale: u32) -> Option<Numbers> {
    let unit = power(scale)?;
    let mut step = if limits.integer { unit } else { 1 };
    for number in &limits.steps {
        step = common_multiple(step, Decimal::of(number)?.at(scale)?.checked_abs()?)?;
    }
    let reach = if limits.integer { REACH } else { 1_000_000_000_000_000 };
    let mut least =
        -(if limits.integer { i128::from(i64::MAX) + 1 } else { reach }).checked_mul(unit)?.checked_div(step)?;
    let mut most = reach.checked_mul(unit)?.checked_div(step)?;
    for (number, excluded) in &limits.least {
        least = least.max(lowest(number, *excluded, scale, step)?);
    }
    for (number, excluded) in &limits.most {
        // The mirror image of a lower end.
        most = most.min(-lowest(&negated(number)?, *excluded, scale, step)?);
    }
    if least > most {
        return None;
    }
    // People wait and plan in whole minutes.
    let grain = match meaning {
        Some(Meaning::Seconds) if scale == 0 && step == 1 => 60,
        Some(Meaning::Minutes) if scale == 0 && step == 1 => 5,
        _ => 1,
    };
    let role = match meaning {
        Some(Meaning::Moment(occasion)) => {
            let far = 10_i128.pow(12) * unit / step;
            let millis =
                least > far || most > far && limits.least.iter().any(|(number, _)| number.as_f64() > Some(1e11));
            Role::Moment(occasion, if millis { Precision::Millis } else { Precision::Seconds })
        }
        Some(Meaning::Latitude) => Role::Latitude,
        Some(Meaning::Longitude) => Role::Longitude,
        _ => Role::Drawn,
    };
    let (from, to) = lean.towards(meaning.and_then(usual).unwrap_or((1, 100)));
    let (from, to) = (ceiling(from.checked_mul(unit)?, step), (to.checked_mul(unit)?).div_euclid(step));
    let width = (to - from).clamp(0, 1_000_000);
    let usual = match (from.max(least), to.min(most)) {
        (from, to) if from <= to => (from, to),
        // What is usual is not admitted: as near to it as may be.
        _ if least > from => (least, most.min(least.saturating_add(width))),
        _ => (least.max(most.saturating_sub(width)), most),
    };
    Some(Numbers { role, scale, step, whole: limits.integer, grain, usual, admitted: (least, most) })
}

/// The smallest count of steps that is not below the number.
fn lowest(number: &Number, excluded: bool, scale: u32, step: i128) -> Option<i128> {
    let Some(decimal) = Decimal::of(number) else {
        let double = number.as_f64()?;
        // So large or so small that digits do not tell: it is out of reach, or zero.
        return match double {
            double if double.abs() < 1.0 => Some(i128::from(double > 0.0 || excluded && double == 0.0)),
            double if double < 0.0 => Some(i128::MIN / 2),
            _ => None,
        };
    };
    if decimal.scale > scale {
        let down = power(decimal.scale - scale)?;
        let exact = decimal.digits % down == 0;
        let at = decimal.digits.div_euclid(down) + i128::from(!exact);
        let count = ceiling(at, step);
        return Some(count + i128::from(excluded && exact && count * step == at));
    }
    let at = decimal.at(scale)?;
    let count = ceiling(at, step);
    Some(count + i128::from(excluded && count.checked_mul(step)? == at))
}

fn negated(number: &Number) -> Option<Number> {
    match number.as_i64().and_then(i64::checked_neg) {
        Some(negative) => Some(negative.into()),
        None => match number.as_u64() {
            // Beyond what a signed integer holds: no bound that matters.
            Some(large) => Number::from_f64(-(large as f64)).filter(|_| large > 1 << 63).or(Some(i64::MIN.into())),
            None if number.as_i64() == Some(i64::MIN) => Some((1_u64 << 63).into()),
            None => Number::from_f64(-number.as_f64()?),
        },
    }
}

fn ceiling(value: i128, step: i128) -> i128 {
    -(-value).div_euclid(step)
}

fn common_multiple(a: i128, b: i128) -> Option<i128> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    if x == 0 { None } else { a.checked_div(x)?.checked_mul(b) }
}

impl Numbers {
    /// A number for this seed.
    pub(super) fn draw(&self, seed: Seed, spot: &Spot) -> Number {
        let wanted = match self.role {
            Role::Drawn => {
                let drawn = Draws::new(seed).between(self.usual.0, self.usual.1);
                let round = drawn - drawn.rem_euclid(self.grain);
                return self.number(if round >= self.usual.0 { round } else { drawn });
            }
            Role::Latitude => self.nearest(i128::from(spot.place().latitude), 4),
            Role::Longitude => self.nearest(i128::from(spot.place().longitude), 4),
            Role::Moment(occasion, precision) => {
                let moment = i128::from(time::moment(occasion, spot.scope, spot.own, spot.now));
                self.nearest(if precision == Precision::Millis { moment * 1_000 } else { moment }, 0)
            }
        };
        self.number(wanted)
    }

    /// The admitted number nearest to this one.
    pub(super) fn near(&self, wanted: u64) -> Number {
        self.number(self.nearest(i128::from(wanted), 0))
    }

    /// Whether it is one of these numbers.
    pub(super) fn admits(&self, number: &Number) -> bool {
        let digits =
            Decimal::of(number).filter(|decimal| decimal.scale <= self.scale).and_then(|one| one.at(self.scale));
        let (least, most) = self.admitted;
        digits.is_some_and(|digits| digits % self.step == 0 && (least..=most).contains(&(digits / self.step)))
    }

    /// Whether there is only one.
    pub(super) fn single(&self) -> bool {
        self.admitted.0 == self.admitted.1
    }

    /// How many there are to draw from, where that is few.
    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.admitted.1 - self.admitted.0).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// The same numbers, drawn from all that are admitted: for lists without repetition.
    pub(super) fn widened(&self) -> Numbers {
        let (least, most) = self.admitted;
        let (from, to) = self.usual;
        let reach = (to - from).max(1_000);
        Numbers {
            grain: 1,
            usual: (least.max(from.saturating_sub(reach)), most.min(to.saturating_add(reach))),
            ..self.clone()
        }
    }

    /// The same numbers, drawn from those near to one that is shown: for an id, from those with as many digits.
    pub(super) fn around(&self, shown: &Number, identifies: bool) -> Numbers {
        let Some(shown) = Decimal::of(shown).filter(|one| one.scale <= self.scale).and_then(|one| one.at(self.scale))
        else {
            return self.clone();
        };
        let shown = shown.div_euclid(self.step);
        // Little is shown by a zero, and ids of few digits would soon repeat.
        if shown <= 0 || identifies && shown < 10_000 {
            return self.clone();
        }
        let (from, to) = if identifies {
            let digits = power(shown.ilog10()).unwrap_or(shown);
            (digits, digits.saturating_mul(10) - 1)
        } else {
            let reach = (shown / 2).max(4);
            ((shown - reach).max(1), shown.saturating_add(reach))
        };
        let (least, most) = self.admitted;
        Numbers { role: Role::Drawn, grain: 1, usual: (from.max(least), to.min(most)), ..self.clone() }
    }

    fn nearest(&self, digits: i128, scale: u32) -> i128 {
        let wanted =
            match (self.scale.checked_sub(scale).and_then(power), scale.checked_sub(self.scale).and_then(power)) {
                (Some(up), _) => digits.saturating_mul(up),
                (None, Some(down)) => digits / down,
                (None, None) => digits,
            };
        wanted.div_euclid(self.step).clamp(self.admitted.0, self.admitted.1)
    }

    fn number(&self, count: i128) -> Number {
        let digits = count.saturating_mul(self.step);
        let digits_in_one = power(self.scale).filter(|_| self.scale == 0 || self.whole).unwrap_or(i128::MAX);
        if digits % digits_in_one == 0 {
            let digits = digits / digits_in_one;
            if let Some(whole) =
                i64::try_from(digits).ok().map(Number::from).or(u64::try_from(digits).ok().map(Number::from))
            {
                return whole;
            }
        }
        let divisor = 10_f64.powi(i32::try_from(self.scale).unwrap_or(0));
        // One division of exact doubles: the nearest double to the decimal, so that its text is the decimal's.
        Number::from_f64(digits as f64 / divisor).unwrap_or_else(|| 0.into())
    }
}

/// A number at the end of limits that lie beyond all digits, such as `minimum: 1e300`.
pub(super) fn extreme(limits: &Limits) -> Option<Value> {
    let ends = limits.least.iter().chain(&limits.most).filter(|(_, excluded)| !excluded);
    ends.map(|(number, _)| number)
        .find(|number| Decimal::of(number).is_none())
        .map(|number| Value::Number(number.clone()))
}

/// The ends between which numbers of that meaning usually lie.
pub(super) fn usual(meaning: Meaning) -> Option<(i128, i128)> {
    Some(match meaning {
        Meaning::Id => (10_000, 9_999_999),
        Meaning::Price => (5, 250),
        Meaning::Count => (0, 120),
        Meaning::Quantity => (1, 20),
        Meaning::Position | Meaning::DayOfMonth | Meaning::Level => (1, 12),
        Meaning::Month => (1, 12),
        Meaning::Port => (1_024, 49_151),
        Meaning::Seconds => (30, 3_600),
        Meaning::Millis => (20, 900),
        Meaning::Minutes => (5, 90),
        Meaning::Year => (2_021, 2_030),
        Meaning::Age => (18, 80),
        Meaning::Percent => (0, 100),
        Meaning::Ratio => (0, 1),
        Meaning::Rating => (1, 5),
        Meaning::Bytes => (512, 4_000_000),
        Meaning::Pixels => (64, 1_920),
        Meaning::Latitude => (-60, 70),
        Meaning::Longitude => (-120, 150),
        Meaning::Weight => (1, 80),
        Meaning::StatusCode => (200, 200),
        Meaning::Zip => (10_000, 99_999),
        Meaning::Version => (1, 9),
        Meaning::Moment(_) => (1_600_000_000, 1_900_000_000),
        Meaning::Page(PageField::Page | PageField::Pages) => (1, 1),
        Meaning::Page(PageField::Size) => (20, 20),
        Meaning::Page(PageField::Offset) => (0, 0),
        Meaning::Page(PageField::Total) => (3, 120),
        Meaning::Code => (1_000, 9_999),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Number, Value, json};

    use super::super::Seed;
    use super::super::meaning::{Meaning, Subject};
    use super::super::text::Spot;
    use super::{Lean, Limits, extreme, numbers};

    fn limits(schema: &Value) -> Limits {
        let number = |name: &str| schema.get(name).and_then(Value::as_number).cloned();
        Limits {
            least: number("minimum")
                .map(|n| (n, false))
                .into_iter()
                .chain(number("exclusiveMinimum").map(|n| (n, true)))
                .collect(),
            most: number("maximum")
                .map(|n| (n, false))
                .into_iter()
                .chain(number("exclusiveMaximum").map(|n| (n, true)))
                .collect(),
            steps: number("multipleOf").into_iter().collect(),
            integer: schema["type"] == "integer",
        }
    }

    fn drawn(schema: &Value) -> Vec<Number> {
        let spot = |own| Spot { own, scope: own, role: 0, subject: Subject::Thing, now: 1_795_000_000, most: 40 };
        let found = numbers(&limits(schema), None, Lean::None);
        found.iter().flat_map(|n| (0..50).map(|i| n.draw(Seed(3).nth(i), &spot(Seed(3).nth(i))))).collect()
    }

    #[test]
    fn numbers_lie_within_their_bounds() {
        let cases = [
            json!({"type": "integer"}),
            json!({"type": "integer", "minimum": 0, "maximum": 0}),
            json!({"type": "integer", "minimum": 9223372036854775806_u64, "maximum": 9223372036854775807_u64}),
            json!({"type": "integer", "minimum": 18446744073709551614_u64}),
            json!({"type": "integer", "maximum": -9223372036854775807_i64}),
            json!({"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6}),
            json!({"type": "integer", "minimum": 100, "multipleOf": 7}),
            json!({"type": "integer", "minimum": 1.5, "maximum": 2.5}),
            json!({"type": "integer", "multipleOf": 2.5}),
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            json!({"type": "number", "multipleOf": 0.01, "minimum": 5, "maximum": 6}),
            json!({"type": "number", "exclusiveMinimum": 0.001, "exclusiveMaximum": 0.002}),
            json!({"type": "number", "exclusiveMinimum": 0, "maximum": 1e-9}),
            json!({"type": "number", "minimum": -1e300}),
            json!({"type": "number", "maximum": 1e300, "minimum": 3}),
            json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
            json!({"type": "integer", "maximum": 1e20}),
        ];
        for schema in cases {
            let validator = jsonschema::validator_for(&schema).unwrap();
            let numbers = drawn(&schema);
            assert!(!numbers.is_empty(), "{schema}");
            for number in numbers {
                assert!(validator.is_valid(&Value::Number(number.clone())), "{number} for {schema}");
            }
        }
    }

    #[test]
    fn where_there_is_no_number_none_is_made() {
        for schema in [
            json!({"type": "integer", "minimum": 5, "maximum": 4}),
            json!({"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 5}),
            json!({"type": "integer", "minimum": 8, "maximum": 13, "multipleOf": 7}),
        ] {
            assert_eq!(numbers(&limits(&schema), None, Lean::None), None, "{schema}");
        }
        let far = limits(&json!({"type": "number", "minimum": 1e300}));
        assert_eq!(numbers(&far, None, Lean::None), None);
        assert_eq!(extreme(&far), Some(json!(1e300)));
    }

    #[test]
    fn decimals_are_written_as_decimals() {
        for number in drawn(&json!({"type": "number", "multipleOf": 0.01, "minimum": 1, "maximum": 90})) {
            let text = number.to_string();
            assert!(text.split_once('.').is_some_and(|(_, places)| places.len() <= 2), "{text}");
        }
        let price =
            numbers(&limits(&json!({"type": "number", "minimum": 0})), Some(Meaning::Price), Lean::None).unwrap();
        assert!(!price.single());
    }
}
