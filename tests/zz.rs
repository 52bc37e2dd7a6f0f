//! throwaway
use standin::{contract::*, document::*};
use std::{path::Path, sync::Arc, time::Instant};
#[test]
fn zz() {
    let f = std::env::var("F").unwrap();
    for f in f.split(':') {
        let p = Path::new(f);
        let t = Instant::now();
        let l = Documents::load(p.file_name().unwrap().to_str().unwrap(), &Files::beside(p));
        let Some(d) = l.documents else {
            println!("{f}: not loaded {:?}", l.problems.len());
            continue;
        };
        let t1 = t.elapsed();
        let (c, fi) = Contract::load(Arc::new(d), &BasePath::Document);
        let t2 = t.elapsed();
        let Some(c) = c else {
            println!("{f}: {:?}", fi.iter().map(|f| f.sentence.clone()).collect::<Vec<_>>());
            continue;
        };
        let all = c.findings();
        println!(
            "{f}: {} ops, load {:?} contract {:?} all {:?} findings {}+{} bases {:?}",
            c.heads().len(),
            t1,
            t2,
            t.elapsed(),
            fi.len(),
            all.len(),
            c.base_paths()
        );
        for x in fi.iter().chain(&all).take(6) {
            println!(
                "   {} {} [{}] {}",
                x.place.as_ref().map(|p| p.to_string()).unwrap_or_default(),
                x.severity,
                x.rule.id,
                x.sentence
            );
        }
    }
}
