//! TEMP
mod calls;
mod chance;
mod delay;
mod duration;
mod merge;
mod model;
mod when;
pub use calls::*;
pub use chance::*;
pub use delay::*;
pub use merge::*;
pub use model::*;
pub use when::*;
mod field;
mod reader;
impl Scenario {
    /// TEMP
    pub fn check_merged(
        &self,
        _: &dyn Fn(&str, Option<u16>) -> Option<serde_json::Value>,
    ) -> Vec<crate::finding::Finding> {
        Vec::new()
    }
}
/// TEMP
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[]
}
impl Scenario {
    /// TEMP
    pub fn read(
        _: &std::sync::Arc<crate::document::Source>,
        _: &crate::contract::Contract,
    ) -> (Option<Scenario>, Vec<crate::finding::Finding>) {
        (None, vec![])
    }
}
