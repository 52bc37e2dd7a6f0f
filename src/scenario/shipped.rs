//! The scenarios in the binary, which belong to the bundled document.

macro_rules! shipped {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../scenarios/", $name, ".yaml")))),*]
    };
}

/// Names, and the texts of the files.
static SHIPPED: &[(&str, &str)] = shipped! {
    "already-invited"
    "connection-drops"
    "rate-limited"
    "reader-may-not-invite"
    "throttled-then-recovers"
    "token-expires"
    "upgrade-required"
    "upstream-flaky"
    "upstream-slow-then-gone"
    "validation-walkthrough"
};

/// The scenarios in the binary: name and text, in the order of their names.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}
