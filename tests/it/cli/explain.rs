//! `standin explain`.

use insta::assert_snapshot;

use crate::program::Folder;

#[test]
fn alone_it_lists_every_rule() {
    let ran = Folder::new().run("explain");
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    for rule in standin::finding::RULES {
        assert!(ran.out.contains(rule.id) && ran.out.contains(rule.what), "{}", rule.id);
    }
}

#[test]
fn a_rule_is_told_whole() {
    assert_snapshot!(Folder::new().run("explain dangling-ref").all(), @r"
    dangling-ref    error
      what     a reference that leads nowhere
      why      what it stands for is missing from the document
      example  `$ref: '#/components/schemas/Gone'`
      remedy   write what it should refer to, or mend the reference
    --- stderr
    --- exit 0
    ");
}

#[test]
fn a_name_that_nothing_has_is_told_the_nearest() {
    let ran = Folder::new().run("explain dangling-refs");
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("did you mean `standin explain dangling-ref`?"), "{}", ran.err);
}
