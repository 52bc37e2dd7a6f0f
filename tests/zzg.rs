use std::sync::Arc; use standin::{document::*, schema::*, generate::*, message::Direction};
#[test] fn zz() {
  let text = std::env::var("S").unwrap();
  let Read{document,..} = Document::read(Source::new("x.yaml", text));
  let d = Arc::new(Documents::single(document.unwrap()));
  let at = Location{document: d.root().clone(), pointer: std::env::var("P").unwrap_or_default()};
  let s = Schemas::new(d, Dialect::V3_1).schema(&at, Direction::Response);
  let p = Plan::new(&s, None);
  let c = Context{seed: Seed(0), now: "2026-07-15T12:00:00Z".parse().unwrap(), echo: &NoEcho, size: None};
  let v = p.value(&c);
  println!("{}\n{:?}\n{:?} {:?}", serde_json::to_string_pretty(&v).unwrap(), s.check(&v), s.explain(&v), p.findings().iter().map(|f| (f.place.as_ref().map(|p| p.to_string()), f.sentence.clone())).collect::<Vec<_>>());
}
