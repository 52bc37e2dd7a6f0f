//! What is said to who types something else than what there is.

use insta::assert_snapshot;

use crate::program::Folder;

#[test]
fn help_fits_one_minute() {
    let ran = Folder::new().run("--help");
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    assert!(ran.out.lines().count() <= 45, "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{}", ran.out);
    assert_snapshot!(ran.out);
}

#[test]
fn every_command_has_help_with_examples() {
    for command in ["mock", "check", "exec", "lint", "explain", "completions"] {
        let ran = Folder::new().run(&format!("{command} --help"));
        assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{command}");
        assert!(ran.out.contains(&format!("  standin {command}")), "{}", ran.out);
        assert_eq!(ran.out, Folder::new().run(&format!("help {command}")).out);
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(Folder::new().run("--version").out, concat!("standin ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn h_takes_a_host_and_alone_says_where_help_is() {
    for line in ["-h", "mock -h", "lint -h", "mock --host"] {
        let ran = Folder::new().run(line);
        assert_eq!(ran.exit, 2, "{line}");
        assert!(ran.err.contains("use --help"), "{line}: {}", ran.err);
    }
}

#[test]
fn an_unknown_flag_or_command_names_the_nearest() {
    let ran = Folder::new().run("mock --scenaro x");
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("--scenario"), "{}", ran.err);
    assert_snapshot!(Folder::new().run("serve openapi.yaml").all(), @r"
    --- stderr
    error: `serve` is neither a command nor a file
    help: did you mean `standin mock`?
    --- exit 2
    ");
    assert_snapshot!(Folder::new().run("chekc --url http://localhost").all(), @r"
    --- stderr
    error: `chekc` is neither a command nor a file
    help: did you mean `standin check`?
    --- exit 2
    ");
}

#[test]
fn flags_of_the_environment_count_and_are_named_when_they_are_wrong() {
    let folder = Folder::new();
    let output = folder.command(["explain"]).env("STANDIN_FORMAT", "json").output().expect("the program runs");
    assert!(output.stdout.starts_with(b"{"));
    let output = folder.command(["lint"]).env("STANDIN_QUIET", "yes").output().expect("the program runs");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let output = folder.command(["lint"]).env("STANDIN_QUIET", "perhaps").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let output = folder.command(["lint"]).env("STANDIN_NOW", "soon").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("soon") && said.contains("--now") && said.contains("a time with its offset"), "{said}");
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Folder::new().run(&format!("completions {shell}"));
        assert_eq!(ran.exit, 0, "{shell}");
        assert!(ran.out.contains("standin") && ran.out.contains("lint"), "{shell}");
    }
}
