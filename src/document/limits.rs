//! How large what is read may grow. Each bound turns a small hostile file into a [`super::Problem`] instead of a full memory.

/// How deep mappings and lists may be nested.
pub(super) const DEPTH: usize = 250;

/// How much aliases and merge keys of one YAML text may add, in values; 64 bytes of text count as one more.
pub(super) const ALIASES: usize = 250_000;

/// How many problems of one text are told one by one; what remains is counted.
pub(super) const PROBLEMS: usize = 100;

/// Of one text, in bytes.
pub(super) const TEXT: usize = 512 << 20;

/// How many files one document may be spread over.
pub(super) const FILES: usize = 20_000;

/// Of all files of one document together, in bytes.
pub(super) const ALL_FILES: usize = 1 << 30;
