//! The flags of `prism mock` 5, as what they mean here: a start script that was written for it works unchanged.

use std::ffi::OsString;

/// What a flag of Prism comes to.
enum Meaning {
    /// A flag of ours, given when it is true, and one given when it is false.
    Flag(Option<&'static str>, Option<&'static str>),
    /// Nothing, and why; said once when it is given.
    Nothing(&'static str),
    /// How much is logged.
    Level,
}

/// Those that are written otherwise here or not at all. All others are ours too, with the same meaning.
const FLAGS: [(&str, Option<&str>, Meaning); 7] = [
    ("--cors", None, Meaning::Flag(None, Some("--no-cors"))),
    ("--dynamic", Some("-d"), Meaning::Flag(Some("--dynamic"), None)),
    ("--ignoreExamples", None, Meaning::Flag(Some("--dynamic"), None)),
    ("--multiprocess", Some("-m"), Meaning::Nothing("the log has a thread of its own already")),
    ("--errors", None, Meaning::Nothing("what is answered is valid by the document")),
    (
        "--json-schema-faker-fillProperties",
        None,
        Meaning::Nothing("no members are made up that the document does not describe"),
    ),
    ("--verboseLevel", Some("-v"), Meaning::Level),
];

/// The levels that `-v` takes there; `-v` alone is a flag of ours.
const LEVELS: [(&str, Option<&str>); 7] = [
    ("fatal", Some("--log=off")),
    ("error", Some("--log=off")),
    ("warn", Some("--log=off")),
    ("info", None),
    ("debug", Some("--verbose")),
    ("trace", Some("--verbose")),
    ("silent", Some("--quiet")),
];

/// The arguments with Prism's flags put in our words, and what is to be said about those that mean nothing here.
pub(crate) fn translated(args: Vec<OsString>) -> (Vec<OsString>, Vec<String>) {
    let (mut out, mut notes) = (Vec::with_capacity(args.len()), Vec::new());
    let mut args = args.into_iter().peekable();
    // What stands behind `--` is no flag, or another program's.
    let mut behind = Vec::new();
    while let Some(arg) = args.next() {
        if arg == "--" {
            behind.push(arg);
            behind.extend(args);
            break;
        }
        let text = arg.to_string_lossy();
        let (name, joined) = text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value)));
        let found = FLAGS.iter().find(|(long, short, _)| *long == name || *short == Some(name));
        let Some((long, _, meaning)) = found else {
            out.push(arg);
            continue;
        };
        let next = args.peek().map(|next| next.to_string_lossy().into_owned());
        let value = joined.map(str::to_owned).or(next.clone()).unwrap_or_default();
        let known = match meaning {
            Meaning::Level => LEVELS.iter().any(|(level, _)| *level == value),
            _ => matches!(value.as_str(), "true" | "false"),
        };
        if !known && (joined.is_some() || matches!(meaning, Meaning::Level)) {
            // Not theirs: ours, or a mistake that has its own message.
            out.push(arg);
            continue;
        }
        if known && joined.is_none() {
            args.next();
        }
        match meaning {
            Meaning::Flag(on, off) => {
                let ours = if known && value == "false" { off } else { on };
                out.extend(ours.map(OsString::from));
            }
            Meaning::Nothing(why) => {
                let note = format!("`{long}` means nothing here: {why}");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            Meaning::Level => {
                let ours = LEVELS.iter().find(|(level, _)| *level == value).and_then(|(_, ours)| *ours);
                out.extend(ours.map(OsString::from));
            }
        }
    }
    // `--dynamic --ignoreExamples` is one flag here.
    let mut seen = false;
    out.retain(|arg| arg != "--dynamic" || !std::mem::replace(&mut seen, true));
    out.extend(behind);
    (out, notes)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::translated;

    fn words(typed: &str) -> (String, usize) {
        let (args, notes) = translated(typed.split_whitespace().map(OsString::from).collect());
        (args.join(" ".as_ref()).into_string().unwrap(), notes.len())
    }

    #[test]
    fn flags_of_prism_are_put_in_our_words() {
        for (typed, ours, notes) in [
            ("mock -d api.yaml", "mock --dynamic api.yaml", 0),
            ("mock api.yaml --dynamic true --ignoreExamples", "mock api.yaml --dynamic", 0),
            ("mock --dynamic=false api.yaml", "mock api.yaml", 0),
            ("mock --cors api.yaml", "mock api.yaml", 0),
            ("mock --cors false api.yaml", "mock --no-cors api.yaml", 0),
            ("mock --cors=false -p 4011 -h 0.0.0.0", "mock --no-cors -p 4011 -h 0.0.0.0", 0),
            ("mock -m --errors -m false api.yaml", "mock api.yaml", 2),
            ("mock --json-schema-faker-fillProperties=false api.yaml", "mock api.yaml", 1),
            ("mock -v debug api.yaml", "mock --verbose api.yaml", 0),
            ("mock --verboseLevel=silent api.yaml", "mock --quiet api.yaml", 0),
            ("mock -v info api.yaml", "mock api.yaml", 0),
            ("mock -v api.yaml", "mock -v api.yaml", 0),
            ("mock --cors=perhaps", "mock --cors=perhaps", 0),
            ("mock -- --cors -d", "mock -- --cors -d", 0),
            ("exec -d -- x --dynamic --dynamic -d", "exec --dynamic -- x --dynamic --dynamic -d", 0),
        ] {
            assert_eq!(words(typed), (ours.to_owned(), notes), "{typed}");
        }
    }
}
