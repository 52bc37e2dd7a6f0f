//! A run's own command line, to be typed again: what was said on the command line and in the environment, with what chance and the clock gave.

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};

use super::plan::Plan;

/// Flags that say where output goes, or that are told otherwise.
const LEFT_OUT: [&str; 10] =
    ["seed", "now", "report", "quiet", "verbose", "log", "format", "record", "no-watch", "help"];

/// The words of a command, but for `--seed` and `--now`, and those behind `--`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Again {
    name: String,
    words: Vec<String>,
    command: Vec<String>,
}

impl Again {
    /// What was typed, or said in the environment.
    pub(crate) fn of(line: &Command, matches: &ArgMatches) -> Again {
        let Some((name, matches)) = matches.subcommand() else { return Again::default() };
        let arguments = line.find_subcommand(name).into_iter().flat_map(|command| command.get_arguments());
        let mut again = Again { name: name.to_owned(), ..Again::default() };
        let mut flags = Vec::new();
        for argument in arguments {
            let id = argument.get_id().as_str();
            let given = matches.try_contains_id(id).unwrap_or(false)
                && matches!(matches.value_source(id), Some(ValueSource::CommandLine | ValueSource::EnvVariable));
            let long = argument.get_long();
            if !given || long.is_some_and(|long| LEFT_OUT.contains(&long)) {
                continue;
            }
            let values = matches.get_raw(id).into_iter().flatten().map(|value| value.to_string_lossy().into_owned());
            match (long, argument.get_action()) {
                (None, _) if argument.is_last_set() => again.command.extend(values),
                (None, _) => again.words.extend(values),
                (Some(long), ArgAction::SetTrue) if matches.get_flag(id) => flags.push(format!("--{long}")),
                (Some(_), ArgAction::SetTrue) => {}
                // `--stateful true` would be a flag and a document.
                (Some(long), _) if argument.is_require_equals_set() => {
                    flags.extend(values.map(|value| format!("--{long}={value}")));
                }
                (Some(long), _) => flags.extend(values.flat_map(|value| [format!("--{long}"), value])),
            }
        }
        again.words.extend(flags);
        again
    }

    /// The line, quoted for a shell.
    pub(crate) fn line(&self, plan: &Plan) -> String {
        let mut words = vec!["standin".to_owned(), self.name.clone()];
        words.extend(self.words.iter().map(|word| quoted(word)));
        if plan.seed_given {
            words.push(format!("--seed {}", plan.seed));
        }
        words.push(format!("--now {}", plan.now));
        if !self.command.is_empty() {
            words.push("--".to_owned());
            words.extend(self.command.iter().map(|word| quoted(word)));
        }
        words.join(" ")
    }
}

/// A word as a POSIX shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:@,+=%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().any(char::is_control) {
        // As bash, zsh and POSIX since 2024 have it: a line stays a line.
        let escaped = |c: char| match c {
            '\'' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => c.to_string().bytes().map(|byte| format!("\\{byte:03o}")).collect(),
            c => c.to_string(),
        };
        return format!("$'{}'", word.chars().map(escaped).collect::<String>());
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::{Again, quoted};
    use crate::cli::args::{Line, line};
    use crate::cli::plan::Plan;

    fn again(typed: &[&str]) -> String {
        let mut line = line();
        let words = ["standin", "exec"].iter().chain(typed);
        let matches = line.try_get_matches_from_mut(words).unwrap();
        let typed = Line::from_arg_matches(&matches).unwrap();
        Again::of(&line, &matches).line(&Plan::new(&typed.everywhere))
    }

    #[test]
    fn what_was_typed_is_said_again_without_what_is_for_output() {
        let now = "--now=2026-01-31T12:00:00Z";
        for (typed, said) in [
            (&[now, "--", "npm", "test"][..], "standin exec --now 2026-01-31T12:00:00Z -- npm test"),
            (
                &[
                    "a b.yaml",
                    now,
                    "--seed",
                    "7",
                    "--report",
                    "json=x",
                    "-v",
                    "-d",
                    "--",
                    "sh",
                    "-c",
                    "a && b; it's $X",
                ],
                r"standin exec 'a b.yaml' --dynamic --seed 7 --now 2026-01-31T12:00:00Z -- sh -c 'a && b; it'\''s $X'",
            ),
            (
                &[
                    now,
                    "--scenario=one",
                    "--scenario",
                    "two",
                    "-p",
                    "4011",
                    "--env",
                    "A={url}/x",
                    "--",
                    "x",
                    "-v",
                    "--seed=9",
                ],
                "standin exec --port 4011 --scenario one --scenario two --env 'A={url}/x' --now 2026-01-31T12:00:00Z -- x -v --seed=9",
            ),
            (&["--stateful", now, "--", "x"], "standin exec --stateful=true --now 2026-01-31T12:00:00Z -- x"),
            (
                &["a.yaml", "--stateful=w x.yaml", now, "--", "x"],
                "standin exec a.yaml '--stateful=w x.yaml' --now 2026-01-31T12:00:00Z -- x",
            ),
        ] {
            assert_eq!(again(typed), said);
        }
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_change_them() {
        for plain in ["a", "--only=x", "a/b.yaml", "10%=502,1%=504", "user@host"] {
            assert_eq!(quoted(plain), plain);
        }
        for (word, said) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("~", "'~'"),
            ("a\nb'\\\t", r"$'a\nb\'\\\011'"),
            ("'", r"''\'''"),
            ("ü", "'ü'"),
        ] {
            assert_eq!(quoted(word), said);
        }
    }
}
