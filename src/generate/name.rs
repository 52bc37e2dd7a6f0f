//! Names of members, read: `inviterEmail`, `inviter_email` and `inviter-email` are the words *inviter*, *email*.

/// The words of a name, in lower case: split at everything that is no letter or digit, and where small letters meet capitals.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = name.chars().take(200).collect();
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            end(&mut words, &mut word);
            continue;
        }
        let before = index.checked_sub(1).and_then(|index| characters.get(index));
        let after = characters.get(index + 1);
        // `userID`, `userId` and `HTTPServer` are all two words.
        let begins = character.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase()));
        if begins && !plural_of_capitals(&characters, index) {
            end(&mut words, &mut word);
        }
        word.extend(character.to_lowercase());
    }
    end(&mut words, &mut word);
    words
}

/// The last capital of `userIDs` belongs to the capitals before it.
fn plural_of_capitals(characters: &[char], index: usize) -> bool {
    let after = characters.get(index + 1);
    let next = characters.get(index + 2);
    let before = index.checked_sub(1).and_then(|index| characters.get(index));
    after == Some(&'s') && before.is_some_and(|c| c.is_uppercase()) && next.is_none_or(|c| !c.is_lowercase())
}

fn end(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// One of what the word names several of: `invitations` to `invitation`, `companies` to `company`.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    for (many, one) in [("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("people", "person")] {
        if let Some(stem) = word.strip_suffix(many) {
            return format!("{stem}{one}");
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.into(),
        _ => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{singular, words};

    #[test]
    fn names_are_split_into_words() {
        let cases = [
            ("inviter_email", "inviter email"),
            ("inviterEmail", "inviter email"),
            ("Inviter-Email", "inviter email"),
            ("userID", "user id"),
            ("userIDs", "user ids"),
            ("HTTPServer", "http server"),
            ("X-Request-Id", "x request id"),
            ("address1", "address1"),
            ("sha256Sum", "sha256 sum"),
            ("", ""),
            ("größe", "größe"),
        ];
        for (name, expected) in cases {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn plurals_become_singular() {
        for (many, one) in
            [("invitations", "invitation"), ("companies", "company"), ("status", "status"), ("boxes", "box")]
        {
            assert_eq!(singular(many), one);
        }
        for same in ["address", "news", "gas", "id", "analysis"] {
            let _ = singular(same);
        }
    }
}
