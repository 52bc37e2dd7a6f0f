//! What templates ask for, against what an operation has.

use super::Issue;
use crate::contract::Operation;
use crate::finding::{Finding, did_you_mean};
use crate::message::expressions;
use crate::scenario::reader::{excerpt, listed};
use crate::scenario::{Reply, Rule, SaveFrom, Scenario, Template};

impl Scenario {
    /// A path parameter that the path does not have is never there.
    pub(super) fn check_names(&self, operation: &Operation, rule: &Rule, issues: &mut Vec<Issue>) {
        for template in rule.templates() {
            for (name, place) in template.asks() {
                let Some(asked) = name.strip_prefix("request.path.") else { continue };
                let asked = asked.split('.').next().unwrap_or(asked);
                let names = || expressions(&operation.template).map(|expression| expression.name);
                if names().any(|name| name == asked) {
                    continue;
                }
                let help = match did_you_mean(asked, names()) {
                    Some(near) => format!("did you mean `request.path.{near}`?"),
                    None if names().next().is_none() => "the path has no parameters".to_owned(),
                    None => format!("the path has {}", listed(names())),
                };
                let sentence = format!("no parameter `{}` in the path of {{of}}", excerpt(asked));
                issues.push(Issue::new("scenario-template", place, sentence, help).always());
            }
        }
    }

    /// Names that nothing in the scenario keeps. Another scenario may; so it is no error.
    pub(super) fn check_saved(&self, findings: &mut Vec<Finding>) {
        let kept = || self.all().flat_map(|(_, rule)| &rule.saves).map(|(name, _)| &**name);
        for (_, rule) in self.all() {
            for (name, place) in rule.templates().into_iter().flat_map(Template::asks) {
                let Some(asked) = name.strip_prefix("saved.") else { continue };
                let asked = asked.split('.').next().unwrap_or(asked);
                if kept().any(|name| name == asked) {
                    continue;
                }
                let help = match did_you_mean(asked, kept()) {
                    Some(near) => format!("did you mean `saved.{near}`?"),
                    None => format!("keep it with `save: {{ {}: … }}` under a rule", excerpt(asked)),
                };
                let sentence = format!("nothing in this scenario keeps `{}`", excerpt(asked));
                findings.push(Finding::new("scenario-saved", sentence).at(Some(place)).help(help));
            }
        }
    }
}

impl Reply {
    /// Every template in it.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.template.iter().chain(self.filled.iter().flat_map(|(_, templates)| templates))
    }
}

impl Rule {
    /// Every template in it.
    fn templates(&self) -> Vec<&Template> {
        let saves = self.saves.iter().filter_map(|(_, from)| match from {
            SaveFrom::Template(template) => Some(&**template),
            SaveFrom::Answer(_) => None,
        });
        let replies = self.replies().into_iter().flat_map(|reply| reply.templates());
        saves.chain(replies).collect()
    }
}
