//! `--stateful`, which may take a file.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// The flag of every command that keeps what calls make, or tells of it.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Keeping {
    /// Keep what calls make, change and remove; `=FILE` corrects what is inferred and brings items to begin with
    #[arg(long, env = "STANDIN_STATEFUL", value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "What")]
    pub(crate) stateful: Option<Stateful>,
}

/// What was typed behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stateful {
    /// Nothing is kept.
    Off,
    /// By what is inferred alone.
    On,
    /// By what a file says, too.
    File(PathBuf),
}

impl FromStr for Stateful {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Stateful, Self::Err> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Stateful::On,
            "false" | "no" | "off" | "0" | "" => Stateful::Off,
            _ => Stateful::File(text.into()),
        })
    }
}

impl Keeping {
    /// Whether anything is kept.
    pub(crate) fn is_on(&self) -> bool {
        matches!(self.stateful, Some(Stateful::On | Stateful::File(_)))
    }

    /// The file, where there is one.
    pub(crate) fn file(&self) -> Option<&std::path::Path> {
        if let Some(Stateful::File(path)) = &self.stateful { Some(path) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::Stateful;

    #[test]
    fn a_file_or_whether_at_all() {
        let read = |text: &str| text.parse::<Stateful>().unwrap();
        assert_eq!((read("1"), read("TRUE"), read("no")), (Stateful::On, Stateful::On, Stateful::Off));
        assert_eq!(read("world.yaml"), Stateful::File("world.yaml".into()));
    }
}
