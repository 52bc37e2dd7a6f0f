//! Where a new item can be read: what `Location` says.

use std::sync::Arc;

use super::super::store::Kept;
use super::At;
use crate::contract::resource::Use;
use crate::message::percent_encode_segment;

impl At<'_> {
    /// The path of a new item: behind the one that made it, else the one where it is read. `None`: no path reads it.
    pub(super) fn leads_to(&self, does: &Use, item: &Kept) -> Option<String> {
        let path = self.about.call.request().target.path().trim_end_matches('/');
        let ready = &self.keeping.ready[does.collection];
        if ready.own_path && does.by.is_empty() {
            return Some(format!("{path}/{}", percent_encode_segment(&item.id)));
        }
        let (read, told) = ready.read.and_then(|read| Some((read, self.keeping.resources.does(read)?)))?;
        let names = told.scope.iter().zip(item.scope.iter()).filter_map(|(name, text)| Some((name.as_ref()?, text)));
        let names: Vec<(&String, &Arc<str>)> = names.chain(told.id.as_ref().map(|id| (id, &item.id))).collect();
        // Under the base path that the request came by.
        let mut whole = String::from(path.get(..self.about.call.route().base)?.trim_end_matches('/'));
        for part in self.contract().heads()[read].template.split('/').skip(1) {
            whole.push('/');
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) => {
                    whole.push_str(&percent_encode_segment(names.iter().find(|(known, _)| *known == name)?.1))
                }
                None => whole.push_str(part),
            }
        }
        Some(whole)
    }
}
