//! Strings: the text that name and format suggest, brought to the length and the expression that the schema asks for.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::build::{At, Builder};
use super::draw::Draws;
use super::facets::Facets;
use super::form::Form;
use super::json::Text;
use super::meaning::{Meaning, Subject, meaning, occasion_of, subject};
use super::name;
use super::pattern::Pattern;
use super::text::{self, Spot};
use super::time::Precision;
use super::{Seed, vocabulary};
use crate::message::MediaType;

/// The strings of one schema.
#[derive(Debug)]
pub(super) struct Texts {
    what: What,
    /// Which person, organization or thing of the object it is about.
    pub(super) role: u64,
    pub(super) subject: Subject,
    least: usize,
    most: usize,
    patterns: Vec<Arc<Pattern>>,
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
/// How many expressions are looked at together, and how often what they ask for is put together.
const TOGETHER: usize = 4;
const JOINS: u64 = 24;

impl Texts {
    /// `None` where there is no such text.
    pub(super) fn new(
        what: Option<What>,
        (role, subject): (u64, Subject),
        (least, most): (usize, usize),
        patterns: Vec<Arc<Pattern>>,
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
        if texts.is_free() || texts.patterns.iter().all(|pattern| pattern.is_complete()) && suits(&texts) {
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
        self.patterns.iter().all(|pattern| pattern.is_complete()) && self.patterns.len() < 2
    }

    /// Writes a text, when any will do.
    pub(super) fn write(&self, spot: &Spot, out: &mut dyn Text) -> fmt::Result {
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
        let all = |text: &str| self.patterns.iter().all(|pattern| pattern.admits(text));
        let mut each = self.patterns.iter().take(TOGETHER);
        each.find_map(|pattern| pattern.sample(seed, self.least, self.most, all)).or_else(|| self.joined(seed))
    }

    /// What one expression asks for beside what another one does: they may speak of two ends of a text.
    fn joined(&self, seed: Seed) -> Option<String> {
        let count = self.patterns.len();
        if !(2..=TOGETHER).contains(&count) {
            return None;
        }
        (0..JOINS).find_map(|attempt| {
            let seed = seed.nth(attempt);
            let turn = attempt as usize % count;
            let mut text = String::new();
            for index in 0..count {
                // Every order that is a turn of the first, and the same backwards.
                let index = (if attempt % 2 == 0 { turn + index } else { turn + count - index }) % count;
                let room = self.most.saturating_sub(text.chars().count());
                let pattern = self.patterns.get(index)?;
                text.push_str(&pattern.sample(seed, 0, room, |_| true)?);
            }
            let missing = self.least.saturating_sub(text.chars().count());
            let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            text.insert_str(half, &"a".repeat(missing));
            self.suits(&text).then_some(text)
        })
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
            Fit::Letters => {
                let _ = text::letters(&mut text, &mut draws, self.least.saturating_sub(length));
            }
            Fit::Local => {
                // Up to 64 octets may stand before the `@` (RFC 5321, 4.5.3.1.1).
                let mut more = String::new();
                let _ = text::letters(&mut more, &mut draws, self.least.saturating_sub(length));
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
        M::Uuid | M::Written(..) | M::Span | M::Ip | M::Ipv6 | M::Mac | M::Moment(_) | M::Pointer | M::Expression => {
            Fit::Rigid
        }
        M::HouseNumber | M::LastFour | M::Barcode | M::Isrc | M::SocialSecurity | M::TaxId => Fit::Rigid,
        M::Iban | M::Card | M::CountryCode | M::CurrencyCode | M::Locale | M::Language | M::Timezone | M::Color => {
            Fit::Rigid
        }
        M::Name | M::Title | M::Summary | M::Sentence | M::Paragraph | M::Message | M::Reason | M::Organization => {
            Fit::Words
        }
        M::Street | M::City | M::Job | M::Query | M::Value | M::Word | M::Department | M::Industry | M::Country => {
            Fit::Words
        }
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

/// Words of names that tell nobody apart.
const GENERIC: [&str; 14] = [
    "user", "account", "contact", "work", "personal", "public", "display", "full", "legal", "my", "person", "member",
    "default", "current",
];

/// Words before a name that is still the person's.
const OF_PERSONS: [&str; 10] =
    ["old", "new", "previous", "former", "birth", "maiden", "billing", "shipping", "real", "global"];

impl Builder<'_> {
    /// The form of a string; like the one given, if one is.
    pub(super) fn string(&mut self, facets: &Facets<'_>, at: &At, like: Option<&str>) -> Option<Form> {
        let least = facets.largest("minLength").unwrap_or(0);
        let most = facets.smallest("maxLength").unwrap_or(usize::MAX);
        let written: Vec<&str> = facets.all("pattern").filter_map(Value::as_str).collect();
        let patterns: Vec<Arc<Pattern>> = written.iter().filter_map(|pattern| self.patterns.get(pattern)).collect();
        self.unsure |= patterns.len() < written.len() || !facets.never.is_empty();
        // A text that says it is JSON is JSON, if nothing else is asked of it.
        let free = like.is_none() && (least, most, written.len()) == (0, usize::MAX, 0) && facets.never.is_empty();
        if let Some(form) = free.then(|| self.json(facets, at)).flatten() {
            return Some(form);
        }
        let encoded = facets.all("contentEncoding").any(|encoding| encoding == "base64");
        let named = meaning(&at.words);
        let of_name = named.map(|(meaning, _)| as_text(meaning, &at.words));
        let of_format = facets.format().and_then(|format| of_format(format, &at.words));
        let known = if encoded { Some(Meaning::Base64) } else { of_format.or(of_name) };
        let what = like.map(|model| What::Like(model.into())).or(known.map(What::Meaning));
        // A format and a length or an expression may be at odds in some texts and not in others.
        self.unsure |= facets.format().is_some() && (least > 1 || most < 64 || !patterns.is_empty());
        let Some(texts) = Texts::new(what, about(at, named), (least, most), patterns) else {
            return self
                .give_up(facets.nodes.first(), "no text has the lengths and matches the expressions it asks for");
        };
        self.unsure |= !texts.is_sure();
        Some(Form::Text(Box::new(texts)))
    }
}

impl Builder<'_> {
    /// A text that is JSON by its `contentMediaType`, as `contentSchema` describes it. Neither asserts anything: where nothing can be made
    /// by them, any text will do.
    fn json(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        let media = facets.all("contentMediaType").filter_map(Value::as_str).next();
        let json = media.and_then(MediaType::parse).is_some_and(|media| media.is_json());
        if !json || facets.all("contentEncoding").next().is_some() {
            return None;
        }
        let described: Vec<_> = facets.nodes.iter().filter_map(|node| node.child(&["contentSchema"])).collect();
        let at = At { path: format!("{}/json", at.path), words: Vec::new(), depth: at.depth + 1, ..at.clone() };
        let inner = match described.as_slice() {
            [] => Form::Fixed(Value::Object(Map::new())),
            described => self.strictly(described, &at)?,
        };
        Some(Form::Json(Box::new(inner)))
    }
}

/// What a meaning comes to for a text.
fn as_text(meaning: Meaning, words: &[String]) -> Meaning {
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    match meaning {
        Meaning::Moment(occasion) if words.last().is_some_and(|word| word == "date") => {
            Meaning::Written(occasion, Precision::Date)
        }
        Meaning::Moment(occasion) => Meaning::Written(occasion, Precision::DateTime),
        Meaning::Day => Meaning::Written(occasion_of(words), Precision::Date),
        Meaning::Clock => Meaning::Written(occasion_of(words), Precision::Time),
        Meaning::Page(_) => Meaning::Digits,
        // A text that is asked for is no truth value.
        Meaning::Yes | Meaning::No => Meaning::Word,
        Meaning::Next | Meaning::Previous if has(&["cursor", "token"]) => Meaning::Token,
        Meaning::Sentence | Meaning::Paragraph | Meaning::Summary if has(&["html"]) => Meaning::Html,
        other => other,
    }
}

/// Which person, organization or thing a member is about: `inviter_email` and `inviter_name` are of one person.
fn about(at: &At, named: Option<(Meaning, usize)>) -> (u64, Subject) {
    let Some((meaning, taken)) = named else { return (0, at.subject) };
    let end = at.words.len().saturating_sub(taken);
    let words = match meaning {
        Meaning::Organization => &at.words[..],
        _ => &at.words[..end],
    };
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !GENERIC.contains(word)).collect();
    let subject = subject(&at.words[..end]).unwrap_or(match at.subject {
        // A person's `tz_label` and `emoji_name` are not the person's name.
        Subject::Person
            if meaning == Meaning::Name
                && (at.words.last().is_some_and(|word| word == "label")
                    || words.iter().any(|word| !OF_PERSONS.contains(word))) =>
        {
            Subject::Thing
        }
        known => known,
    });
    if words.is_empty() {
        return (0, subject);
    }
    let parts: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    (Seed(0).hash(&parts) | 1, subject)
}

#[cfg(test)]
mod tests {
    use super::super::Seed;
    use super::super::meaning::{Meaning, Subject};
    use super::super::pattern::Pattern;
    use super::super::text::Spot;
    use super::{Texts, What};

    #[test]
    fn texts_have_the_length_that_is_asked_for() {
        use Meaning as M;
        for meaning in
            [M::Name, M::Email, M::Slug, M::Sentence, M::Token, M::Phone, M::Url, M::Word, M::Country, M::Hash]
        {
            for (least, most) in [(0, 5), (8, 8), (40, 60), (3, 12), (200, 300), (0, 0)] {
                let texts =
                    Texts::new(Some(What::Meaning(meaning)), (0, Subject::Thing), (least, most), Vec::new()).unwrap();
                for number in 0..30 {
                    let own = Seed(9).nth(number);
                    let spot = Spot { own, scope: own, role: 0, subject: Subject::Thing, now: 1_795_000_000, most };
                    let text = texts.draw(&spot);
                    assert!((least..=most).contains(&text.chars().count()), "{meaning:?} {least}..{most}: `{text}`");
                }
            }
        }
    }

    #[test]
    fn a_meaning_that_an_expression_admits_is_kept() {
        let of = |expression: &str| {
            let patterns = vec![std::sync::Arc::new(Pattern::new(expression).unwrap())];
            Texts::new(Some(What::Meaning(Meaning::Slug)), (0, Subject::Thing), (0, usize::MAX), patterns).unwrap()
        };
        assert!(matches!(of("^[a-z0-9-]+$").what, What::Meaning(Meaning::Slug)));
        assert!(matches!(of("^[0-9]+$").what, What::Pattern));
    }

    #[test]
    fn impossible_lengths_are_refused() {
        assert!(Texts::new(None, (0, Subject::Thing), (5, 4), Vec::new()).is_none());
        assert!(Texts::new(None, (0, Subject::Thing), (10_000_000, usize::MAX), Vec::new()).is_none());
    }
}
