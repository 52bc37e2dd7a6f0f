//! Expressions in path templates: `{name}`, and the forms that stand for more than one segment.
//!
//! OpenAPI has `{name}` only, for text without `/` (3.1.2 §4.8.8). Real documents also have `{+name}` (reserved expansion,
//! RFC 6570 §3.2.3) and `{name+}` or `{name*}` (routers' words for "the rest"): these are read as their authors mean them.

/// What stands between a pair of braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expression<'t> {
    /// The parameter's name.
    pub(crate) name: &'t str,
    /// Whether its text may have `/` in it.
    pub(crate) spans: bool,
}

impl<'t> Expression<'t> {
    /// Reads what is between the braces.
    pub(crate) fn parse(text: &'t str) -> Expression<'t> {
        let named = text.strip_prefix('+').or_else(|| text.strip_suffix(['+', '*']));
        match named.filter(|name| !name.is_empty()) {
            Some(name) => Expression { name, spans: true },
            None => Expression { name: text, spans: false },
        }
    }
}

/// The expressions of a template, in order. Braces that do not close are plain text.
pub(crate) fn expressions(template: &str) -> impl Iterator<Item = Expression<'_>> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(text, _)| Expression::parse(text))
}

/// The template with a text in place of each expression; `None` where `value` has none for one of them.
pub(crate) fn expand(template: &str, mut value: impl FnMut(Expression<'_>) -> Option<String>) -> Option<String> {
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, (text, after))) =
        rest.split_once('{').and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
    {
        path.push_str(before);
        path.push_str(&value(Expression::parse(text))?);
        rest = after;
    }
    path.push_str(rest);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::{Expression, expand, expressions};

    #[test]
    fn an_expression_may_span_segments() {
        let spans = |name| Expression { name, spans: true };
        assert_eq!(Expression::parse("+name"), spans("name"));
        assert_eq!(Expression::parse("Key+"), spans("Key"));
        assert_eq!(Expression::parse("rest*"), spans("rest"));
        assert_eq!(Expression::parse("+"), Expression { name: "+", spans: false });
        let names: Vec<_> = expressions("/a/{b}/{+c}:{d").map(|expression| expression.name).collect();
        assert_eq!(names, ["b", "c"]);
    }

    #[test]
    fn a_template_expands_when_all_of_it_has_a_value() {
        let value = |expression: Expression<'_>| (expression.name != "c").then(|| expression.name.to_uppercase());
        assert_eq!(expand("/a/{b}.{+d}/e", value).as_deref(), Some("/a/B.D/e"));
        assert_eq!(expand("/a/{c}", value), None);
        assert_eq!(expand("/a/{open", value).as_deref(), Some("/a/{open"));
    }
}
