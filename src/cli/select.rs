//! Which operations `--only` and `--skip` mean.

use super::exit::Failure;
use crate::contract::{Contract, Head};
use crate::finding::did_you_mean;

/// The operations that are left, by index; `None` where nothing was said.
///
/// # Errors
/// When a flag means no operation, with the nearest one, or when none is left.
pub(crate) fn selected(contract: &Contract, only: &[String], skip: &[String]) -> Result<Option<Vec<usize>>, Failure> {
    if only.is_empty() && skip.is_empty() {
        return Ok(None);
    }
    let (only, skip) = (meant(contract, "--only", only)?, meant(contract, "--skip", skip)?);
    let all = 0..contract.heads().len();
    let left: Vec<usize> = all
        .filter(|index| only.as_ref().is_none_or(|only| only.contains(index)))
        .filter(|index| skip.as_ref().is_none_or(|skip| !skip.contains(index)))
        .collect();
    if left.is_empty() {
        return Err(Failure::usage("`--only` and `--skip` leave no operation").help("leave one of them out"));
    }
    Ok(Some(left))
}

/// The operations that these words mean together; `None` for no words.
fn meant(contract: &Contract, flag: &str, words: &[String]) -> Result<Option<Vec<usize>>, Failure> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for word in words {
        let before = found.len();
        found.extend((0..contract.heads().len()).filter(|index| means(contract, *index, word)));
        if found.len() == before {
            return Err(unknown(contract, flag, word));
        }
    }
    Ok(Some(found))
}

fn unknown(contract: &Contract, flag: &str, word: &str) -> Failure {
    let failure = Failure::usage(format!("{flag}: `{word}` means no operation of the document"));
    let near = match word.strip_prefix("tag:") {
        Some(tag) => {
            let tags: Vec<&str> = contract.heads().iter().flat_map(tags).collect();
            did_you_mean(tag, tags).map(|near| format!("tag:{near}"))
        }
        None => did_you_mean(word, contract.heads().iter().map(|head| &*head.key)).map(str::to_owned),
    };
    match near {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("write an operationId, `tag:x`, or a method with a path such as `'GET /pets*'`"),
    }
}

fn means(contract: &Contract, index: usize, word: &str) -> bool {
    let head = &contract.heads()[index];
    if let Some(tag) = word.strip_prefix("tag:") {
        return tags(head).any(|known| known == tag);
    }
    let (method, path) = match word.split_once(' ') {
        Some((method, path)) => (method, path.trim()),
        None if word.starts_with('/') => ("*", word),
        None => return fits(word, &head.key),
    };
    let based = format!("{}{}", contract.base_path(index), head.template);
    fits(&method.to_ascii_uppercase(), head.method.as_str()) && (fits(path, &head.template) || fits(path, &based))
}

fn tags(head: &Head) -> impl Iterator<Item = &str> {
    head.at.value().get("tags").and_then(|tags| tags.as_array()).into_iter().flatten().filter_map(|tag| tag.as_str())
}

/// Whether a text is this, where `*` stands for any run of characters.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.find(middle) {
                Some(at) => rest = &rest[at + middle.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::{fits, selected};
    use crate::cli::load::{Input, Subject};

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [("a", "a"), ("a*", "a"), ("*", ""), ("a*c", "abc"), ("*b*", "abc"), ("a*b*c", "axbyc")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*c", "ab"), ("a*ab", "ab"), ("*b*d", "abc"), ("", "a")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn operations_are_meant_by_name_tag_or_path() {
        let subject = Subject::one(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        let contract = subject.usable().unwrap();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let names = |only: &[&str], skip: &[&str]| {
            let left = selected(contract, &words(only), &words(skip));
            let name = |index: usize| contract.heads()[index].key.to_string();
            left.map(|left| left.map(|left| left.into_iter().map(name).collect::<Vec<_>>()))
                .map_err(|failure| failure.text().to_string())
        };
        assert_eq!(names(&[], &[]), Ok(None));
        assert_eq!(names(&["list_members"], &[]).unwrap().unwrap(), ["list_members"]);
        let invitations = names(&["tag:invitations"], &["POST /api*"]).unwrap().unwrap();
        assert!(invitations.contains(&"list_my_pending_invitations".to_owned()));
        assert!(!invitations.contains(&"invite_to_organization".to_owned()));
        insta::assert_snapshot!(names(&["list_member"], &[]).unwrap_err(), @r"
        error: --only: `list_member` means no operation of the document
        help: did you mean `list_members`?
        ");
        assert!(names(&["list_members"], &["list_*"]).unwrap_err().contains("leave no operation"));
    }
}
