//! Things of which a path has one: whether it is there. What it looks like is as the document says.

use std::sync::Arc;

use serde_json::Map;

use super::super::store::{Kept, NoRoom, Scope, Store};
use super::create::full;
use super::{At, Outcome};
use crate::contract::resource::{Kept as Keeps, Role, Use};

impl At<'_> {
    pub(super) fn single(&self, store: &Store, does: &Use) -> Outcome {
        let scope: Option<Scope> = self.scope(&does.scope).into_iter().collect();
        let Some(scope) = scope else { return Outcome::default() };
        let wanted: Vec<Option<Arc<str>>> = scope.iter().cloned().map(Some).collect();
        let known = self.keeping.collection(does.collection);
        let mut tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        let there = match known.kept {
            Keeps::Made => tables.find(&known.path, &wanted, "").is_some(),
            Keeps::Given | Keeps::Not => !tables.is_gone(&known.path, &wanted, ""),
        };
        let named = |verb: &str| Outcome::noted(format!("{verb} {}", self.about.call.request().target.path()));
        match does.role {
            Role::Create if there && known.conflict.is_some() => {
                Outcome::refused(409, format!("{} is there already", self.about.call.request().target.path()))
            }
            Role::Create | Role::Replace => {
                let kept =
                    Kept { scope, id: "".into(), value: Arc::new(Map::new()), request: 0, answered: false, seed: 0 };
                match tables.put(&known.path, kept) {
                    Err(NoRoom) => full(),
                    Ok(()) => named(if there { "changed" } else { "created" }),
                }
            }
            _ if !there => self.missing(format!("{} is not there", self.about.call.request().target.path())),
            Role::Remove => {
                if tables.take(&known.path, &wanted, "").is_none() {
                    tables.remember_gone(&known.path, scope, "".into());
                    tables.changes += 1;
                }
                named("removed")
            }
            _ => named("read"),
        }
    }
}
