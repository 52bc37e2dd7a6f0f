//! Names, compared as people mean them: without case and separators, singular.

/// Letters and digits alone, in lower case: `invitation_id` and `invitationId` are one name.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A folded name without the ending of an English plural.
pub(super) fn singular(word: &str) -> String {
    let folded = fold(word);
    let without = |ending: &str| folded.strip_suffix(ending).filter(|stem| stem.len() > 1).map(str::to_owned);
    if let Some(stem) = without("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes", "zes"] {
        if without(ending).is_some() {
            return folded[..folded.len() - 2].to_owned();
        }
    }
    if ["ss", "us", "is"].iter().any(|ending| folded.ends_with(ending)) {
        return folded;
    }
    without("s").unwrap_or(folded)
}

/// What a parameter is called beyond the thing that it names: `id` of `invitation_id`, `slug` of `orgSlug`; empty where that is all.
pub(super) fn beyond(parameter: &str, thing: &str) -> String {
    let (parameter, thing) = (fold(parameter), singular(thing));
    parameter.strip_prefix(&*thing).unwrap_or(&parameter).to_owned()
}

/// The words of a name, folded: `project_number`, `projectNumber` and `project-number` have two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for letter in name.chars() {
        let begins = before
            .is_none_or(|before: char| !before.is_alphanumeric() || (letter.is_uppercase() && before.is_lowercase()));
        before = Some(letter);
        if !letter.is_alphanumeric() {
            continue;
        }
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Whether a folded name is that of an identifier.
pub(super) fn is_id(folded: &str) -> bool {
    ["id", "uuid", "guid", "uid"].contains(&folded) || folded.ends_with("id")
}

/// Members that say in which state a thing is.
pub(super) const STATES: [&str; 3] = ["status", "state", "phase"];

/// Members of which no two things have the same, the most telling first.
pub(super) const IDENTIFYING: [&str; 10] =
    ["email", "emailaddress", "username", "login", "handle", "slug", "key", "code", "name", "title"];

/// Members that hold the one thing that an answer is about.
pub(super) const HOLDERS: [&str; 8] = ["data", "item", "result", "object", "resource", "record", "response", "payload"];

/// Members that hold what is listed.
pub(super) const LISTS: [&str; 12] = [
    "items",
    "data",
    "results",
    "records",
    "entries",
    "values",
    "list",
    "content",
    "elements",
    "rows",
    "objects",
    "resources",
];

/// What is said to a thing, and the states that it may get by it; of the first kind what agrees, of the second what refuses.
const AGREEING: [(&str, &[&str]); 12] = [
    ("accept", &["accepted", "active", "joined", "confirmed", "approved", "member"]),
    ("approve", &["approved", "accepted", "active", "confirmed"]),
    ("confirm", &["confirmed", "active", "accepted"]),
    ("activate", &["active", "activated", "enabled"]),
    ("enable", &["enabled", "active"]),
    ("join", &["joined", "active", "accepted"]),
    ("complete", &["completed", "complete", "done", "finished", "succeeded"]),
    ("publish", &["published", "live", "public"]),
    ("start", &["started", "running", "inprogress", "active"]),
    ("pay", &["paid", "succeeded", "completed"]),
    ("send", &["sent", "open", "pending"]),
    ("open", &["open", "opened", "active"]),
];
const REFUSING: [(&str, &[&str]); 12] = [
    ("decline", &["declined", "rejected", "refused", "denied"]),
    ("reject", &["rejected", "declined", "refused", "denied"]),
    ("refuse", &["refused", "rejected", "declined", "denied"]),
    ("deny", &["denied", "rejected", "declined", "refused"]),
    ("cancel", &["cancelled", "canceled", "void", "voided"]),
    ("revoke", &["revoked", "cancelled", "canceled"]),
    ("close", &["closed", "done", "resolved"]),
    ("archive", &["archived", "inactive"]),
    ("deactivate", &["inactive", "deactivated", "disabled"]),
    ("disable", &["disabled", "inactive"]),
    ("stop", &["stopped", "cancelled", "canceled"]),
    ("finalize", &["finalized", "final", "open"]),
];

/// What somebody says to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verb {
    /// Whether it agrees.
    pub(super) agrees: bool,
    /// The folded states that may come of it, the likeliest first.
    pub(super) states: &'static [&'static str],
}

impl Verb {
    /// The verb that a word is a form of: `accept`, `accepted`, `ACCEPT`.
    pub(super) fn of(word: &str) -> Option<Verb> {
        let folded = fold(word);
        let form = |verb: &str| {
            let ended = folded.strip_prefix(verb.trim_end_matches('e'));
            folded == verb || ended.is_some_and(|ending| ["ed", "e", "led", "ied"].contains(&ending))
        };
        let agreeing = AGREEING.iter().find(|(verb, _)| form(verb)).map(|(_, states)| Verb { agrees: true, states });
        agreeing
            .or_else(|| REFUSING.iter().find(|(verb, _)| form(verb)).map(|(_, states)| Verb { agrees: false, states }))
    }

    /// Whether it is said in answer to something that waits: to accept it, or to refuse.
    pub(super) fn is_answer(self) -> bool {
        self.states.contains(&"accepted") || self.states.contains(&"declined")
    }

    /// To agree, or not, in answer to something.
    pub(super) fn answering(agrees: bool) -> Verb {
        let (_, states) = if agrees { AGREEING[0] } else { REFUSING[0] };
        Verb { agrees, states }
    }
}

#[cfg(test)]
mod tests {
    use super::{Verb, beyond, is_id, singular, words};

    #[test]
    fn plurals_are_taken_off() {
        for (word, one) in [
            ("invitations", "invitation"),
            ("Companies", "company"),
            ("boxes", "box"),
            ("branches", "branch"),
            ("classes", "class"),
            ("status", "status"),
            ("access", "access"),
            ("pet", "pet"),
            ("order-items", "orderitem"),
        ] {
            assert_eq!(singular(word), one, "{word}");
        }
    }

    #[test]
    fn what_a_parameter_says_beyond_the_thing() {
        assert_eq!(beyond("invitation_id", "invitations"), "id");
        assert_eq!(beyond("orgSlug", "orgs"), "slug");
        assert_eq!(beyond("org", "org"), "");
        assert_eq!(beyond("id", "pets"), "id");
        assert!(is_id("id") && is_id("userid") && !is_id("slug"));
    }

    #[test]
    fn a_name_has_words() {
        for name in ["project_number", "projectNumber", "Project-Number"] {
            assert_eq!(words(name), ["project", "number"], "{name}");
        }
    }

    #[test]
    fn verbs_are_known_in_their_forms() {
        for word in ["accept", "ACCEPTED", "approve", "approved"] {
            assert!(Verb::of(word).is_some_and(|verb| verb.agrees), "{word}");
        }
        for word in ["decline", "rejected", "cancel", "cancelled"] {
            assert!(Verb::of(word).is_some_and(|verb| !verb.agrees), "{word}");
        }
        assert_eq!(Verb::of("upload"), None);
    }
}
