//! Which page of a list a request asks for, by the parameters that its operation documents.
//!
//! Recognised, however they are written: a number (`page`, `page_number`), an offset (`offset`, `skip`), a cursor (`cursor`, `after`,
//! `page_token`), each together with a size (`page_size`, `per_page`, `limit`). An operation that documents none of the first three
//! has no pages: what it lists is all there is.

use serde_json::Value;

use crate::contract::{Call, In, Parameter};
use crate::generate::{Paging, Seed};
use crate::message::query_pairs;

/// How many items a page has where neither the request nor the document says.
const USUAL: u64 = 20;
/// The largest page that a document's default makes.
const LARGEST: u64 = 100;
/// What a cursor begins with; the rest is how many items come before.
const CURSOR: &str = "after-";

/// What a parameter says about pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Size,
    Page,
    Offset,
    Cursor,
}

/// The parameters of an operation that speak of pages.
struct Known<'a> {
    size: Option<&'a Parameter>,
    place: (&'a Parameter, Says),
}

fn says(name: &str) -> Option<Says> {
    // Every request asks this of every parameter: in place, without a string of its own.
    let mut folded = [0_u8; 20];
    let mut length = 0;
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        *folded.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    Some(match std::str::from_utf8(folded.get(..length)?).ok()? {
        "pagesize" | "perpage" | "limit" | "size" | "count" | "first" | "top" | "take" | "maxresults" | "pagelimit"
        | "itemsperpage" | "resultsperpage" => Says::Size,
        "page" | "pagenumber" | "pagenum" | "pageno" | "p" | "currentpage" => Says::Page,
        "offset" | "skip" | "startindex" | "pageoffset" | "startat" => Says::Offset,
        "cursor" | "after" | "startingafter" | "pagetoken" | "nexttoken" | "pagecursor" | "continuationtoken"
        | "nextpagetoken" | "marker" | "pageafter" | "nextcursor" | "continuation" => Says::Cursor,
        _ => return None,
    })
}

/// The parameters that speak of pages; `None` where the operation has no pages.
fn known<'c>(call: &'c Call<'_>) -> Option<Known<'c>> {
    let (size, place) = spoken_of(call).filter(|_| call.request().method.as_str() == "GET")?;
    Some(Known { size, place: place? })
}

/// The parameter for the size of a page, and the one for its place.
type Spoken<'c> = (Option<&'c Parameter>, Option<(&'c Parameter, Says)>);

fn spoken_of<'c>(call: &'c Call<'_>) -> Option<Spoken<'c>> {
    let mut size = None;
    let mut place: Option<(&Parameter, Says)> = None;
    for parameter in call.operation().parameters.iter().filter(|parameter| parameter.place == In::Query) {
        match says(&parameter.name) {
            Some(Says::Size) => size = size.or(Some(parameter)),
            // What is asked for comes before what only might be.
            Some(says) if place.is_none() || call.query(&parameter.name).is_some() => place = Some((parameter, says)),
            _ => {}
        }
    }
    Some((size, place))
}

/// Whether the values of an answer depend on a parameter otherwise than by which page they are on.
pub(super) fn is_about_pages(call: &Call) -> bool {
    known(call).is_some()
}

/// The query without what only says which page is wanted: what the whole list depends on.
pub(super) fn rest(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    query_pairs(query).filter(|(name, _)| says(name).is_none())
}

/// A whole number from 0, however it is written: `20`, `20.0`, `2e1` are all integers to a schema.
fn whole(text: &str) -> Option<u64> {
    let written = || text.parse::<f64>().ok().filter(|number| *number >= 0.0 && number.fract() == 0.0);
    // What is beyond any page stays beyond.
    text.parse().ok().or_else(|| written().map(|number| number as u64))
}

/// The page that a request asks for, of the list of this seed.
pub(super) fn asked(call: &Call, seed: Seed) -> Option<Paging> {
    Some(paged(call, known(call)?, Paging::total(seed), &|_| None))
}

/// The page that a request asks for, of a list of so many; without parameters that speak of pages, all of it. `place` says how many items
/// come before the one behind a cursor of somebody else's.
pub(super) fn of(call: &Call, total: u64, place: &dyn Fn(&str) -> Option<u64>) -> Paging {
    let (size, asked) = spoken_of(call).unwrap_or_default();
    if let Some(known) = asked.map(|asked| Known { size, place: asked }) {
        return paged(call, known, total, place);
    }
    let size = size.and_then(|size| {
        whole(&call.query(&size.name)?).or_else(|| said(call, size, "default")).filter(|size| *size > 0)
    });
    Paging { start: 0, size: size.unwrap_or(total), number: 1, total, next: Vec::new(), previous: Vec::new() }
}

/// What the schema of a parameter says.
fn said(call: &Call, parameter: &Parameter, keyword: &str) -> Option<u64> {
    let at = call.contract().schema_locations(parameter.schema()?).pop()?;
    at.document.at(&at.pointer)?.get(keyword)?.as_u64()
}

fn paged(call: &Call, known: Known<'_>, total: u64, place: &dyn Fn(&str) -> Option<u64>) -> Paging {
    let Known { size, place: (parameter, says) } = known;
    let number = |parameter: &Parameter| whole(&call.query(&parameter.name)?);
    let said = |parameter: &Parameter, keyword: &str| said(call, parameter, keyword);
    let default = || size.and_then(|size| said(size, "default")).filter(|size| (1..=LARGEST).contains(size));
    let size_asked = size.and_then(number).unwrap_or_else(|| default().unwrap_or(USUAL)).min(1 << 31);
    let each = size_asked.max(1);
    // Some count pages from 0, and say so.
    let first = u64::from(said(parameter, "minimum").or_else(|| said(parameter, "default")) != Some(0));
    let start = match says {
        Says::Page => number(parameter).unwrap_or(first).saturating_sub(first).saturating_mul(each),
        Says::Offset => number(parameter).unwrap_or(0),
        _ => match call.query(&parameter.name).filter(|cursor| !cursor.is_empty()) {
            None => 0,
            Some(cursor) => {
                let own = cursor.strip_prefix(CURSOR).and_then(|start| start.parse().ok());
                // A cursor of somebody else's: what follows is the last page, so that whoever goes on comes to an end.
                own.or_else(|| place(&cursor)).unwrap_or_else(|| each.max(total.saturating_sub(1) / each * each))
            }
        },
    }
    .min(1 << 40);
    let page = if says == Says::Page { number(parameter).unwrap_or(first) } else { start / each + 1 };
    let mut paging = Paging { start, size: size_asked, number: page, total, next: Vec::new(), previous: Vec::new() };
    let way = |start: u64, page: u64| {
        let value = match says {
            Says::Page => page.to_string(),
            Says::Offset => start.to_string(),
            _ => format!("{CURSOR}{start}"),
        };
        let address = address(call, &parameter.name, &value);
        let number = value.parse::<u64>().ok().map(Value::from);
        [Some(Value::String(value)), number, Some(Value::String(address))].into_iter().flatten().collect()
    };
    if paging.has_next() && size_asked > 0 {
        paging.next = way(start + each, page + 1);
    }
    if paging.has_previous() {
        paging.previous = way(start.saturating_sub(each), page.saturating_sub(1).max(first));
    }
    paging
}

/// The address of the same list with another value of a parameter.
fn address(call: &Call, name: &str, value: &str) -> String {
    let target = &call.request().target;
    let host = call.request().headers.get("host").and_then(|host| host.to_str().ok());
    let mut address = format!("http://{}", host.unwrap_or("localhost"));
    address.push_str(target.path());
    let pairs = target.query().map(query_pairs).into_iter().flatten();
    let mut mark = '?';
    for (known, text) in pairs.filter(|(known, _)| *known != name) {
        address.push(mark);
        address.push_str(known);
        if let Some(text) = text {
            address.push('=');
            address.push_str(text);
        }
        mark = '&';
    }
    address.push(mark);
    address.push_str(name);
    address.push('=');
    address.push_str(value);
    address
}
