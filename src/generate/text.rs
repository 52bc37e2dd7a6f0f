//! Texts that look real: written from what a member means and the seed of the object it stands in.
//!
//! What belongs together is drawn from the object's seed (the *scope*), so that names, addresses and slugs of one object
//! agree, whichever of them are written.

use std::fmt::Result;

use super::Seed;
use super::draw::Draws;
use super::json::Text;
use super::meaning::{Meaning, Subject};
use super::time::{self, Occasion, Precision};
use super::vocabulary as table;

/// What a text is written from.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    /// The seed of the value itself.
    pub(super) own: Seed,
    /// The seed of the object it stands in.
    pub(super) scope: Seed,
    /// Which of several persons, organizations or things of the object it is about.
    pub(super) role: u64,
    /// What kind of thing that is.
    pub(super) subject: Subject,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// The longest text that is wanted, in characters: codes are written for names where these are too long.
    pub(super) most: usize,
}

const PERSON: u64 = 1;
const ORGANIZATION: u64 = 2;
const THING: u64 = 3;
const PLACE: u64 = 4;
const FILE: u64 = 5;
const TITLE: u64 = 6;

impl Spot {
    fn about(&self, what: u64) -> Draws {
        Draws::of(self.scope, self.role.wrapping_mul(8).wrapping_add(what))
    }

    fn own(&self) -> Draws {
        Draws::new(self.own)
    }

    /// First and last name.
    fn person(&self) -> (&'static str, &'static str) {
        let mut draws = self.about(PERSON);
        (draws.pick(table::FIRST_NAMES), draws.pick(table::LAST_NAMES))
    }

    fn organization(&self) -> (&'static str, &'static str) {
        let mut draws = self.about(ORGANIZATION);
        (draws.pick(table::ORGANIZATIONS), draws.pick(table::ORGANIZATION_ENDS))
    }

    fn thing(&self) -> (&'static str, &'static str) {
        let mut draws = self.about(THING);
        (draws.pick(table::ADJECTIVES), draws.pick(table::NOUNS))
    }

    pub(super) fn place(&self) -> &'static table::Place {
        let drawn = Seed(self.about(PLACE).next()).below(table::PLACES.len() as u64) as usize;
        &table::PLACES[drawn.min(table::PLACES.len() - 1)]
    }

    fn slug(&self, out: &mut dyn Text) -> Result {
        match self.subject {
            Subject::Person => self.username(out),
            Subject::Organization => {
                let (name, end) = self.organization();
                plain(out, name)?;
                out.write_char('-')?;
                plain(out, end)
            }
            _ => {
                let (adjective, noun) = self.thing();
                write_all(out, &[adjective, "-", noun])
            }
        }
    }

    fn username(&self, out: &mut dyn Text) -> Result {
        let (first, last) = self.person();
        plain(out, first)?;
        if self.most < 20 {
            return Ok(());
        }
        out.write_char('.')?;
        plain(out, last)
    }

    fn name(&self, out: &mut dyn Text) -> Result {
        match self.subject {
            Subject::Person => {
                let (first, last) = self.person();
                write_all(out, &[first, " ", last])
            }
            Subject::Organization => {
                let (name, end) = self.organization();
                write_all(out, &[name, " ", end])
            }
            Subject::File => self.file(out),
            Subject::Place => out.write_str(self.place().city),
            Subject::Thing | Subject::Error => {
                let (adjective, noun) = self.thing();
                capital(out, adjective)?;
                out.write_char(' ')?;
                capital(out, noun)
            }
        }
    }

    fn file(&self, out: &mut dyn Text) -> Result {
        let mut draws = self.about(FILE);
        let (adjective, noun) = (draws.pick(table::ADJECTIVES), draws.pick(table::NOUNS));
        write_all(out, &[adjective, "-", noun, ".", draws.pick(table::EXTENSIONS)])
    }

    fn domain(&self, out: &mut dyn Text) -> Result {
        let (name, _) = self.organization();
        plain(out, name)?;
        out.write_str(".example.com")
    }

    fn title(&self, out: &mut dyn Text) -> Result {
        out.write_str(self.about(TITLE).pick(table::TITLES))
    }

    fn url(&self, out: &mut dyn Text) -> Result {
        let mut draws = self.own();
        write_all(out, &["https://", draws.pick(table::DOMAINS), "/", draws.pick(table::NOUNS), "/"])?;
        hex(out, &mut draws, 8)
    }

    fn moment(&self, out: &mut dyn Text, occasion: Occasion, precision: Precision) -> Result {
        time::write(out, time::moment(occasion, self.scope, self.own, self.now), precision)
    }
}

/// Writes the text of a meaning.
pub(super) fn write(meaning: Meaning, spot: &Spot, out: &mut dyn Text) -> Result {
    let mut draws = spot.own();
    let mut pick = |table: &[&'static str]| draws.pick(table);
    match meaning {
        Meaning::FirstName => out.write_str(spot.person().0),
        Meaning::LastName => out.write_str(spot.person().1),
        Meaning::Name if spot.subject != Subject::Error => spot.name(out),
        Meaning::Username => spot.username(out),
        Meaning::Email => email(spot, out),
        Meaning::Organization => Spot { subject: Subject::Organization, ..*spot }.name(out),
        Meaning::Slug | Meaning::Key => spot.slug(out),
        Meaning::Title => spot.title(out),
        Meaning::Paragraph => write_all(out, &[pick(table::SENTENCES), " ", pick(table::SENTENCES)]),
        Meaning::Html => write_all(out, &["<p>", pick(table::SENTENCES), "</p>"]),
        Meaning::Message | Meaning::Sentence | Meaning::Summary if spot.subject == Subject::Error => {
            out.write_str(pick(table::ERROR_MESSAGES))
        }
        Meaning::Code | Meaning::Kind | Meaning::Name if spot.subject == Subject::Error => {
            out.write_str(pick(table::ERROR_CODES))
        }
        Meaning::Message => out.write_str(pick(table::MESSAGES)),
        Meaning::Summary | Meaning::Sentence => out.write_str(pick(table::SENTENCES)),
        Meaning::ErrorCode => out.write_str(pick(table::ERROR_CODES)),
        Meaning::Genre => out.write_str(pick(table::GENRES)),
        Meaning::HouseNumber => write!(out, "{}", 1 + draws.below(180)),
        Meaning::LastFour => write!(out, "{:04}", draws.below(10_000)),
        Meaning::Barcode => barcode(out, &mut draws),
        Meaning::Isrc => write!(out, "USRC1{:07}", draws.below(10_000_000)),
        // No number that begins with 9 is anybody's.
        Meaning::SocialSecurity => {
            write!(out, "9{:02}-{:02}-{:04}", draws.below(100), 10 + draws.below(39), 1 + draws.below(9_999))
        }
        Meaning::TaxId => write!(out, "DE{:09}", 100_000_000 + draws.below(899_999_999)),
        Meaning::System => out.write_str(pick(table::SYSTEMS)),
        Meaning::Pronouns => out.write_str(pick(table::PRONOUNS)),
        Meaning::Frequency => out.write_str(pick(table::FREQUENCIES)),
        Meaning::Reason => out.write_str(pick(table::REASONS)),
        Meaning::Url | Meaning::Next | Meaning::Previous => spot.url(out),
        Meaning::Image => {
            out.write_str("https://images.example.com/")?;
            hex(out, &mut draws, 12)?;
            out.write_str(".png")
        }
        Meaning::Website => {
            out.write_str("https://")?;
            spot.domain(out)
        }
        Meaning::Domain => spot.domain(out),
        Meaning::Host => write_all(out, &[pick(table::NOUNS), ".", pick(table::DOMAINS)]),
        Meaning::Path => {
            write_all(out, &["/", pick(table::NOUNS), "/", pick(table::NOUNS), ".", pick(table::EXTENSIONS)])
        }
        Meaning::FileName => spot.file(out),
        Meaning::Extension => out.write_str(pick(table::EXTENSIONS)),
        Meaning::MediaType => out.write_str(pick(table::MEDIA_TYPES)),
        Meaning::UserAgent => out.write_str(pick(table::USER_AGENTS)),
        Meaning::Phone => digits(out, spot.place().phone, &mut draws),
        Meaning::Street => {
            write!(out, "{} ", 1 + draws.below(180))?;
            out.write_str(draws.pick(table::STREETS))
        }
        Meaning::SecondLine => write!(out, "Floor {}", 1 + draws.below(9)),
        Meaning::City => out.write_str(spot.place().city),
        Meaning::Region => out.write_str(if spot.most < 12 { spot.place().region_code } else { spot.place().region }),
        Meaning::Zip => digits(out, spot.place().zip, &mut draws),
        Meaning::Country if spot.most >= 16 => out.write_str(spot.place().country),
        Meaning::Country | Meaning::CountryCode if spot.most == 3 => out.write_str(spot.place().country_code3),
        Meaning::Country | Meaning::CountryCode => out.write_str(spot.place().country_code),
        Meaning::CurrencyCode if spot.most < 3 => out.write_str(spot.place().symbol),
        Meaning::CurrencyCode => out.write_str(spot.place().currency),
        Meaning::Currency => out.write_str(spot.place().currency_name),
        Meaning::Locale => out.write_str(spot.place().locale.get(..spot.most.min(5)).unwrap_or("en")),
        Meaning::Language => out.write_str(spot.place().locale.get(..2).unwrap_or("en")),
        Meaning::Timezone => out.write_str(spot.place().timezone),
        Meaning::Latitude => write!(out, "{:.4}", f64::from(spot.place().latitude) / 10_000.0),
        Meaning::Longitude => write!(out, "{:.4}", f64::from(spot.place().longitude) / 10_000.0),
        Meaning::Price => write!(out, "{}.{:02}", 1 + draws.below(199), draws.below(100)),
        Meaning::Version => write!(out, "{}.{}.{}", 1 + draws.below(4), draws.below(12), draws.below(10)),
        Meaning::Color => out.write_str(pick(table::COLORS)),
        // TEST-NET-3 (RFC 5737) and the documentation prefix (RFC 3849).
        Meaning::Ip => write!(out, "203.0.113.{}", 1 + draws.below(254)),
        Meaning::Ipv6 => write!(out, "2001:db8::{:x}:{:x}", 1 + draws.below(0xffff), 1 + draws.below(0xffff)),
        Meaning::Mac => {
            write!(out, "00:00:5e:00:53:{:02x}", draws.below(256))
        }
        Meaning::Token => letters(out, &mut draws, spot.most.min(32)),
        Meaning::Hash => hex(out, &mut draws, if spot.most < 40 { spot.most } else { 40 }),
        Meaning::Id => id(spot, out, &mut draws),
        Meaning::Status => out.write_str(pick(table::STATUSES)),
        Meaning::State => out.write_str(pick(table::STATES)),
        Meaning::Kind => out.write_str(pick(table::KINDS)),
        Meaning::Role => out.write_str(pick(table::ROLES)),
        Meaning::Tag => out.write_str(pick(table::TAGS)),
        Meaning::Level => out.write_str(pick(table::LEVELS)),
        Meaning::Category => out.write_str(pick(table::CATEGORIES)),
        Meaning::Code => {
            let code = draws.below(900_000) + 100_000;
            let letters = draws.below(26 * 26);
            let letter = |index: u64| char::from(b'A' + (index % 26) as u8);
            write!(out, "{}{}-{code}", letter(letters / 26), letter(letters))
        }
        Meaning::Icon => out.write_str(pick(table::ICONS)),
        Meaning::Method => out.write_str(pick(table::METHODS)),
        Meaning::Job => {
            let position = pick(table::JOB_POSITIONS);
            write_all(out, &[pick(table::JOB_FIELDS), " ", position])
        }
        Meaning::Department => out.write_str(pick(table::DEPARTMENTS)),
        Meaning::Industry => out.write_str(pick(table::INDUSTRIES)),
        Meaning::Gender => out.write_str(pick(table::GENDERS)),
        // The examples that the registries print: valid, and nobody's.
        Meaning::Iban => out.write_str("GB82WEST12345698765432"),
        Meaning::Card => out.write_str("4242424242424242"),
        Meaning::Unit => out.write_str(pick(table::UNITS)),
        Meaning::Branch => out.write_str(pick(table::BRANCHES)),
        Meaning::Environment => out.write_str(pick(table::ENVIRONMENTS)),
        Meaning::Query | Meaning::Value => {
            let (adjective, noun) = (pick(table::ADJECTIVES), pick(table::NOUNS));
            write_all(out, &[adjective, " ", noun])
        }
        Meaning::Symbol => out.write_str(pick(table::SYMBOLS)),
        Meaning::Moment(occasion) => spot.moment(out, occasion, Precision::DateTime),
        Meaning::Written(occasion, precision) => spot.moment(out, occasion, precision),
        Meaning::Span => write!(out, "PT{}M", 5 * (1 + draws.below(17))),
        Meaning::Uuid => uuid(out, &mut draws),
        Meaning::Base64 => base64(out, &mut draws, 4),
        Meaning::Template => {
            write_all(out, &["https://", draws.pick(table::DOMAINS), "/", draws.pick(table::NOUNS), "/{id}"])
        }
        Meaning::Pointer => write_all(out, &["/", pick(table::NOUNS)]),
        Meaning::Relative => write_all(out, &["1/", pick(table::NOUNS)]),
        Meaning::Expression => out.write_str("^[a-z]+$"),
        Meaning::Digits => write!(out, "{}", 1 + draws.below(if spot.most < 6 { 9 } else { 99_999 })),
        Meaning::Word => out.write_str(pick(table::NOUNS)),
        Meaning::Day => spot.moment(out, Occasion::Some, Precision::Date),
        Meaning::Clock => spot.moment(out, Occasion::Some, Precision::Time),
        Meaning::Yes => out.write_str("yes"),
        Meaning::No => out.write_str("no"),
        number => {
            let (least, most) = super::number::usual(number).unwrap_or((1, 100));
            write!(out, "{}", draws.between(least, most))
        }
    }
}

fn email(spot: &Spot, out: &mut dyn Text) -> Result {
    let (first, last) = spot.person();
    // `Wilhelmine.Altenwerth@example.com` is long; short fields get less of it.
    if spot.most >= 40 {
        plain(out, first)?;
        out.write_char('.')?;
        plain(out, last)?;
        return out.write_str("@example.com");
    }
    let short: String = first.chars().take(spot.most.saturating_sub(12).clamp(1, 12)).collect();
    plain(out, &short)?;
    out.write_str(if spot.most >= 13 { "@example.com" } else { "@b.co" })
}

/// Thirteen digits, of which the last checks the others (EAN-13); from the range that shops use among themselves.
fn barcode(out: &mut dyn Text, draws: &mut Draws) -> Result {
    let number = 200_000_000_000 + draws.below(99_999_999_999);
    let digits = (0..12_u32).map(|place| number / 10_u64.pow(place) % 10);
    let sum: u64 = digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit * 3 } else { digit }).sum();
    write!(out, "{number}{}", (10 - sum % 10) % 10)
}

fn id(spot: &Spot, out: &mut dyn Text, draws: &mut Draws) -> Result {
    if spot.most >= 36 { uuid(out, draws) } else { letters(out, draws, spot.most.min(20)) }
}

/// A version 4 UUID (RFC 9562, 5.4).
pub(super) fn uuid(out: &mut dyn Text, draws: &mut Draws) -> Result {
    let high = draws.next() & !0xf000 | 0x4000;
    let low = draws.next() & !(0x3 << 62) | 0x2 << 62;
    let (first, second) = (hexadecimal(high), hexadecimal(low));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&first[..8]);
    text[9..13].copy_from_slice(&first[8..12]);
    text[14..18].copy_from_slice(&first[12..]);
    text[19..23].copy_from_slice(&second[..4]);
    text[24..].copy_from_slice(&second[4..]);
    out.write_plain(&text)
}

/// The sixteen digits of a number, all at once: first each half byte gets a byte of its own, then all become characters.
fn hexadecimal(number: u64) -> [u8; 16] {
    const ONES: u128 = u128::MAX / 0xff;
    let mut digits = u128::from(number);
    for (shift, mask) in
        [(32, u128::MAX / 0x1_0000_0001), (16, u128::MAX / 0x1_0001), (8, u128::MAX / 0x101), (4, u128::MAX / 0x11)]
    {
        digits = (digits | digits << shift) & mask;
    }
    let letters = (digits + ONES * 6) >> 4 & ONES;
    (digits + ONES * u128::from(b'0') + letters * u128::from(b'a' - b'9' - 1)).to_be_bytes()
}

const HEX: [u8; 16] = *b"0123456789abcdef";

/// Writes ASCII characters together rather than one by one, which costs ten times as much.
fn run(out: &mut dyn Text, characters: impl Iterator<Item = u8>) -> Result {
    let mut bytes = [0_u8; 64];
    let mut length = 0;
    for character in characters {
        if length == bytes.len() {
            out.write_str(std::str::from_utf8(&bytes).unwrap_or_default())?;
            length = 0;
        }
        bytes[length] = character;
        length += 1;
    }
    out.write_str(std::str::from_utf8(&bytes[..length]).unwrap_or_default())
}

fn hex(out: &mut dyn Text, draws: &mut Draws, length: usize) -> Result {
    run(out, (0..length).map(|_| HEX[draws.below(16) as usize & 0xf]))
}

/// Letters and digits, a letter first.
pub(super) fn letters(out: &mut dyn Text, draws: &mut Draws, length: usize) -> Result {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    run(out, (0..length).map(|index| LETTERS[(draws.below(if index == 0 { 26 } else { 36 }) as usize).min(35)]))
}

/// Base64 of so many groups of three bytes, drawn (RFC 4648, 4 or 5).
pub(super) fn base64(out: &mut dyn Text, draws: &mut Draws, groups: usize) -> Result {
    // Without the two characters in which the alphabets differ, and without padding.
    const PLAIN: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    run(out, (0..groups * 4).map(|_| PLAIN[(draws.below(62) as usize).min(61)]))
}

/// A text of the same kind as another: letters for letters, digits for digits; what comes before the last `_`, `-` or `:` stays.
/// ASCII only: anything else becomes `?`.
pub(super) fn like(model: &str, out: &mut dyn Text, draws: &mut Draws) -> Result {
    let kept = model.rfind(['_', '-', ':']).filter(|at| model.len() - at > 6).map_or(0, |at| at + 1);
    let (prefix, rest) = model.split_at(kept);
    out.write_str(prefix)?;
    let has_hex_only = rest.bytes().all(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_hexdigit());
    let letters = if has_hex_only { 6 } else { 26 };
    run(
        out,
        rest.bytes().map(|byte| match byte {
            b'0'..=b'9' => b'1' + draws.below(9) as u8,
            b'a'..=b'z' => b'a' + draws.below(letters) as u8,
            b'A'..=b'Z' => b'A' + draws.below(letters) as u8,
            other if other.is_ascii() => other,
            _ => b'?',
        }),
    )
}

/// The pattern with a digit for every `#`.
fn digits(out: &mut dyn Text, pattern: &str, draws: &mut Draws) -> Result {
    run(out, pattern.bytes().map(|byte| if byte == b'#' { b'0' + draws.below(10) as u8 } else { byte }))
}

/// Its ASCII letters and digits, in lower case.
fn plain(out: &mut dyn Text, text: &str) -> Result {
    run(out, text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()))
}

fn capital(out: &mut dyn Text, word: &str) -> Result {
    let mut characters = word.chars();
    if let Some(first) = characters.next() {
        out.write_char(first.to_ascii_uppercase())?;
    }
    out.write_str(characters.as_str())
}

fn write_all(out: &mut dyn Text, parts: &[&str]) -> Result {
    parts.iter().try_for_each(|part| out.write_str(part))
}
