//! Strings: the text that name and format suggest, brought to the length and the expression that the schema asks for.

use std::fmt::{self, Write};

use super::draw::Draws;
use super::meaning::{Meaning, Subject, meaning, occasion_of};
use super::name;
use super::pattern::Pattern;
use super::text::{self, Spot};
use super::time::Precision;
use super::{Seed, vocabulary};

/// The strings of one schema.
#[derive(Debug)]
pub(super) struct Texts {
    what: What,
    /// Which person, organization or thing of the object it is about.
    pub(super) role: u64,
    pub(super) subject: Subject,
    least: usize,
    most: usize,
    patterns: Vec<Pattern>,
}

/// Where a text comes from.
#[derive(Debug)]
pub(super) enum What {
    Meaning(Meaning),
    /// Like this one, with other letters and digits.
    Like(Box<str>),
    /// The first expression.
    Pattern,
}

/// The longest string that is made, in characters.
pub(super) const LONGEST: usize = 65_536;
/// How many texts are tried before it is believed that a meaning suits an expression.
const PROBES: u64 = 8;

impl Texts {
    /// `None` where there is no such text.
    pub(super) fn new(
        what: Option<What>,
        (role, subject): (u64, Subject),
        (least, most): (usize, usize),
        patterns: Vec<Pattern>,
    ) -> Option<Texts> {
        if least > most || least > LONGEST {
            return None;
        }
        let unknown = What::Meaning(Meaning::Word);
        let mut texts = Texts { what: what.unwrap_or(unknown), role, subject, least, most, patterns };
        let probe = |number: u64| {
            let seed = Seed(number).nth(PROBE);
            Spot { own: seed, scope: seed, role, subject, now: 1_800_000_000, most }
        };
        let suits = |texts: &Texts| (0..PROBES).all(|number| texts.suits(&texts.written(&probe(number))));
        if texts.is_free() || suits(&texts) {
            return Some(texts);
        }
        if texts.patterns.is_empty() {
            // A fixed form that is too long or too short: a plain text of that length is the better try.
            let written = matches!(texts.what, What::Meaning(meaning) if fit(meaning) == Fit::Rigid);
            if written {
                texts.what = What::Meaning(Meaning::Word);
            }
            return Some(texts);
        }
        texts.what = What::Pattern;
        let drawn = (0..PROBES).find_map(|number| texts.sample(probe(number).own));
        drawn.map(|_| texts)
    }

    /// Whether anything that is written will do.
    pub(super) fn is_free(&self) -> bool {
        self.least <= 1 && self.most == usize::MAX && self.patterns.is_empty()
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Whether what is drawn is known to be right without asking the schema.
    pub(super) fn is_sure(&self) -> bool {
        self.patterns.iter().all(Pattern::is_complete) && self.patterns.len() < 2
    }

    /// Writes a text, when any will do.
    pub(super) fn write(&self, spot: &Spot, out: &mut dyn Write) -> fmt::Result {
        let spot = Spot { role: self.role, subject: self.subject, ..*spot };
        match &self.what {
            What::Meaning(meaning) => text::write(*meaning, &spot, out),
            What::Like(model) => text::like(model, out, &mut Draws::new(spot.own)),
            What::Pattern => out.write_str(&self.sample(spot.own).unwrap_or_default()),
        }
    }

    /// A text of the right length that the expressions match.
    pub(super) fn draw(&self, spot: &Spot) -> String {
        if let What::Pattern = self.what {
            return self.sample(spot.own).unwrap_or_default();
        }
        let text = self.written(spot);
        if self.patterns.is_empty() || self.suits(&text) {
            return text;
        }
        self.sample(spot.own).unwrap_or(text)
    }

    fn sample(&self, seed: Seed) -> Option<String> {
        let (first, others) = self.patterns.split_first()?;
        first.sample(seed, self.least, self.most, |text| others.iter().all(|other| other.admits(text)))
    }

    fn suits(&self, text: &str) -> bool {
        let length = text.chars().count();
        self.least <= length && length <= self.most && self.patterns.iter().all(|pattern| pattern.admits(text))
    }

    /// What it means, cut or filled up to the length asked for.
    fn written(&self, spot: &Spot) -> String {
        let mut text = String::with_capacity(32);
        // Writing to a string does not fail.
        let _ = self.write(spot, &mut text);
        let length = text.chars().count();
        let fit = match self.what {
            What::Meaning(meaning) => fit(meaning),
            What::Like(_) | What::Pattern => Fit::Rigid,
        };
        let mut draws = Draws::new(spot.own.nth(FILL));
        match fit {
            Fit::Rigid => {}
            _ if length > self.most => cut(&mut text, self.least, self.most),
            Fit::Words => {
                while text.chars().count() < self.least {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(draws.pick(vocabulary::NOUNS));
                }
                cut(&mut text, self.least, self.most);
            }
            Fit::Letters => drop(text::letters(&mut text, &mut draws, self.least.saturating_sub(length))),
            Fit::Local => {
                // Up to 64 octets may stand before the `@` (RFC 5321, 4.5.3.1.1).
                let mut more = String::new();
                drop(text::letters(&mut more, &mut draws, self.least.saturating_sub(length)));
                text.insert_str(0, &more);
            }
        }
        text
    }
}

const PROBE: u64 = 0x7072_6f62;
const FILL: u64 = 0x6669_6c6c;

/// How a text can be made longer or shorter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Not without breaking its form.
    Rigid,
    /// By words at its end.
    Words,
    /// By letters and digits at its end.
    Letters,
    /// By letters at its beginning.
    Local,
}

fn fit(meaning: Meaning) -> Fit {
    use Meaning as M;
    match meaning {
        M::Email => Fit::Local,
        M::Uuid | M::Written(..) | M::Span | M::Ip | M::Ipv6 | M::Mac | M::Moment(_) | M::Pointer | M::Expression => Fit::Rigid,
        M::Iban | M::Card | M::CountryCode | M::CurrencyCode | M::Locale | M::Language | M::Timezone | M::Color => Fit::Rigid,
        M::Name | M::Title | M::Summary | M::Sentence | M::Paragraph | M::Message | M::Reason | M::Organization => Fit::Words,
        M::Street | M::City | M::Job | M::Query | M::Value | M::Word | M::Department | M::Industry | M::Country => Fit::Words,
        _ => Fit::Letters,
    }
}

/// Cuts a text, at the end of a word if there is one.
fn cut(text: &mut String, least: usize, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        let trimmed = text.trim_end_matches([' ', '-', '.', ',', ';', '_', '/', '@']);
        if !trimmed.is_empty() && trimmed.chars().count() >= least {
            text.truncate(trimmed.len());
        }
    }
}

/// What `format` says about a text; the name of the member tells more.
pub(super) fn of_format(format: &str, words: &[String]) -> Option<Meaning> {
    use Meaning as M;
    let named = meaning(words).map(|(meaning, _)| meaning);
    let written = |precision| M::Written(occasion_of(words), precision);
    Some(match format {
        "date-time" => written(Precision::DateTime),
        "date" | "full-date" => written(Precision::Date),
        "time" => written(Precision::Time),
        "date-time-rfc1123" | "http-date" => written(Precision::Http),
        "unix-time" | "timestamp" | "unixtime" => written(Precision::Seconds),
        "duration" => M::Span,
        "uuid" | "guid" | "uuid4" => M::Uuid,
        "email" | "idn-email" => M::Email,
        "hostname" | "idn-hostname" => match named {
            Some(M::Domain) => M::Domain,
            _ => M::Host,
        },
        "ipv4" | "ip" => M::Ip,
        "ipv6" => M::Ipv6,
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" | "http-url" => match named {
            Some(known @ (M::Image | M::Website)) => known,
            _ => M::Url,
        },
        "uri-template" => M::Template,
        "json-pointer" => M::Pointer,
        "relative-json-pointer" => M::Relative,
        "regex" => M::Expression,
        "byte" | "base64" | "base64url" => M::Base64,
        "binary" => M::Word,
        "password" => M::Token,
        "int8" | "int16" | "int32" | "int64" | "uint32" | "uint64" | "integer" | "long" | "bigint" => M::Digits,
        "decimal" | "float" | "double" | "number" | "money" => M::Price,
        other => return meaning(&name::words(other)).map(|(meaning, _)| meaning),
    })
}
