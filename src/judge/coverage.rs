//! What a run meets of its contract, counted as exchanges happen.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::contract::{Contract, Operation, Response};
use crate::finding::{Covered, CoveredExample, CoveredOperation, CoveredStatus};
use crate::message::StatusRange;
use crate::traffic::{Exchange, Why};

/// How many undocumented statuses of an operation are counted each by itself.
const UNDOCUMENTED: usize = 16;

/// How many operations that were called and are not in the document any more are remembered, beside as many again as there are.
const GONE: usize = 1_000;

/// Counters for every operation, documented status and named example of a contract. Exact whoever counts at the same time, and no
/// larger than the document: what it does not have is counted in a few numbers.
///
/// An operation has its counters from its first call on. To count an exchange is then to look up its status and to add one or two
/// times to a number; no lock is taken, unless the status is undocumented.
#[derive(Debug)]
pub struct Coverage {
    contract: Arc<Contract>,
    operations: Box<[OnceLock<Arc<Met>>]>,
    /// What goes on when another version of the document takes the place of this one.
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The counters of each operation that was called, by its key, in the shape of the version that was asked last.
    by_key: Mutex<HashMap<Arc<str>, Arc<Met>>>,
    unmatched: AtomicU64,
}

type Count = Arc<AtomicU64>;

/// What was met of one operation.
#[derive(Debug)]
struct Met {
    unanswered: Count,
    /// As [`Operation::responses`].
    statuses: Vec<MetStatus>,
    undocumented: Arc<Mutex<Undocumented>>,
}

#[derive(Debug)]
struct MetStatus {
    range: StatusRange,
    answers: Count,
    examples: Vec<(Arc<str>, Count)>,
}

/// Answers with statuses that the document does not have.
#[derive(Debug, Default)]
struct Undocumented {
    statuses: BTreeMap<u16, u64>,
    more: u64,
}

impl Coverage {
    /// Nothing has been met yet.
    pub fn new(contract: Arc<Contract>) -> Coverage {
        Coverage::with(contract, Arc::default())
    }

    /// The same counters for a contract that takes the place of this one. What is called alike in both keeps its counts, whichever
    /// of the two goes on counting; what the new document no longer has is no longer told.
    #[must_use = "this one goes on counting by the old document"]
    pub fn carried(&self, contract: Arc<Contract>) -> Coverage {
        self.shared.make_room(&contract);
        Coverage::with(contract, self.shared.clone())
    }

    fn with(contract: Arc<Contract>, shared: Arc<Shared>) -> Coverage {
        let operations = contract.heads().iter().map(|_| OnceLock::new()).collect();
        Coverage { contract, operations, shared }
    }

    /// Counts an exchange that is over, and was for the operation at this place of [`Contract::heads`].
    pub fn count(&self, exchange: &Exchange, operation: Option<usize>) {
        let Some(decision) = &exchange.decision else { return };
        let status = exchange.response().map(|response| response.status.as_u16());
        let Some(operation) = operation.filter(|index| *index < self.operations.len()) else {
            // OPTIONS is answered for any path that there is.
            let missed = matches!(decision.why, Why::NoOperation | Why::MethodNotAllowed);
            if missed && !exchange.is_for_an_icon() && status.is_none_or(|status| status >= 400) {
                self.shared.unmatched.fetch_add(1, Relaxed);
            }
            return;
        };
        let met = self.operations[operation].get_or_init(|| self.shared.met(self.contract.operation(operation)));
        // What could not be made is no answer that the document has, whatever its status.
        met.count(status.filter(|_| decision.failed.is_none()), decision.example.as_deref());
    }

    /// What was met so far. Compiles what is not compiled yet.
    pub fn report(&self) -> Covered {
        let operations = (0..self.operations.len()).map(|index| {
            let operation = self.contract.operation(index);
            let met = self.operations[index].get().cloned();
            // It may have been called under another version of the document.
            let met = met.or_else(|| self.shared.known(&operation.key).then(|| self.shared.met(operation)));
            met.map_or_else(|| never(operation), |met| met.report(&operation.key))
        });
        Covered { operations: operations.collect(), unmatched: self.shared.unmatched.load(Relaxed) }
    }
}

impl Shared {
    fn all(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Met>>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what a document does not have, where there is too much of it. It may come back, and counts on then.
    fn make_room(&self, contract: &Contract) {
        let heads = contract.heads();
        let mut all = self.all();
        if all.len() > 2 * heads.len() + GONE {
            let present: HashSet<&str> = heads.iter().map(|head| &*head.key).collect();
            all.retain(|key, _| present.contains(&**key));
        }
    }

    fn known(&self, key: &str) -> bool {
        self.all().contains_key(key)
    }

    /// The counters of an operation as it is now; those that there are already, where they are for the same.
    fn met(&self, operation: &Operation) -> Arc<Met> {
        let mut all = self.all();
        let known = all.get(&operation.key);
        if let Some(known) = known.filter(|known| known.is_for(operation)) {
            return known.clone();
        }
        let met = Arc::new(Met::new(operation, known.map(|known| &**known)));
        all.insert(operation.key.clone(), met.clone());
        met
    }
}

impl Met {
    fn new(operation: &Operation, before: Option<&Met>) -> Met {
        let statuses = operation.responses.iter().map(|response| {
            let before = before.and_then(|met| met.statuses.iter().find(|status| status.range == response.range));
            let examples = names(response).into_iter().map(|name| {
                let known = before.and_then(|status| status.example(&name));
                (name, known.cloned().unwrap_or_default())
            });
            MetStatus {
                range: response.range,
                answers: before.map(|status| status.answers.clone()).unwrap_or_default(),
                examples: examples.collect(),
            }
        });
        Met {
            unanswered: before.map(|met| met.unanswered.clone()).unwrap_or_default(),
            statuses: statuses.collect(),
            undocumented: before.map(|met| met.undocumented.clone()).unwrap_or_default(),
        }
    }

    fn is_for(&self, operation: &Operation) -> bool {
        let same = |(status, response): (&MetStatus, &Response)| {
            status.range == response.range && names(response).iter().eq(status.examples.iter().map(|(name, _)| name))
        };
        self.statuses.len() == operation.responses.len() && self.statuses.iter().zip(&operation.responses).all(same)
    }

    fn count(&self, status: Option<u16>, example: Option<&str>) {
        let Some(status) = status else {
            self.unanswered.fetch_add(1, Relaxed);
            return;
        };
        let Some(documented) = self.status(status) else {
            self.undocumented.lock().unwrap_or_else(PoisonError::into_inner).count(status);
            return;
        };
        documented.answers.fetch_add(1, Relaxed);
        if let Some(count) = example.and_then(|name| documented.example(name)) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// What a status falls under, as [`Operation::response`] finds it.
    fn status(&self, status: u16) -> Option<&MetStatus> {
        let covering = self.statuses.iter().filter(|known| known.range.covers(status));
        covering.min_by_key(|known| known.range)
    }

    fn report(&self, key: &Arc<str>) -> CoveredOperation {
        let statuses: Vec<CoveredStatus> = self.statuses.iter().map(MetStatus::report).collect();
        let undocumented = self.undocumented.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = undocumented.statuses.values().sum::<u64>() + undocumented.more;
        let answers: u64 = statuses.iter().map(|status| status.answers).sum();
        CoveredOperation {
            key: key.clone(),
            calls: answers + beside + self.unanswered.load(Relaxed),
            statuses,
            undocumented: undocumented.statuses.iter().map(|(status, count)| (*status, *count)).collect(),
            undocumented_more: undocumented.more,
        }
    }
}

impl MetStatus {
    fn example(&self, name: &str) -> Option<&Count> {
        self.examples.iter().find(|(known, _)| **known == *name).map(|(_, count)| count)
    }

    fn report(&self) -> CoveredStatus {
        let examples = self.examples.iter();
        let examples =
            examples.map(|(name, count)| CoveredExample { name: name.clone(), answers: count.load(Relaxed) });
        CoveredStatus {
            range: self.range.to_string(),
            answers: self.answers.load(Relaxed),
            examples: examples.collect(),
        }
    }
}

impl Undocumented {
    fn count(&mut self, status: u16) {
        if let Some(count) = self.statuses.get_mut(&status) {
            *count += 1;
        } else if self.statuses.len() < UNDOCUMENTED {
            self.statuses.insert(status, 1);
        } else {
            self.more += 1;
        }
    }
}

/// An operation that was not called.
fn never(operation: &Operation) -> CoveredOperation {
    let statuses = operation.responses.iter().map(|response| CoveredStatus {
        range: response.range.to_string(),
        answers: 0,
        examples: names(response).into_iter().map(|name| CoveredExample { name, answers: 0 }).collect(),
    });
    CoveredOperation { key: operation.key.clone(), statuses: statuses.collect(), ..CoveredOperation::default() }
}

/// The names of the examples of a response, each once: an example in several media types is one.
fn names(response: &Response) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut known = std::collections::HashSet::new();
    let examples = response.content.iter().flat_map(|content| &content.examples);
    for name in examples.filter_map(|example| example.name.as_ref()) {
        if known.insert(name.clone()) {
            names.push(name.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Coverage;
    use crate::contract::{BasePath, Contract};
    use crate::document::{Document, Documents, Source};
    use crate::finding::CoveredOperation;
    use crate::judge::rules::samples::{JSON, Sample};
    use crate::traffic::{Decision, Exchange, Outcome, Why};

    fn contract(paths: &str) -> Arc<Contract> {
        let text = format!("openapi: 3.1.0\ninfo: {{ title: A, version: '1' }}\npaths:\n{paths}");
        let document = Document::read(Source::new("a.yaml", text)).document.unwrap();
        let (contract, findings) = Contract::load(Arc::new(Documents::single(document)), &BasePath::Document);
        assert!(findings.is_empty(), "{findings:?}");
        Arc::new(contract.unwrap())
    }

    const BEFORE: &str = "
  /a:
    get:
      operationId: get_a
      responses:
        '200':
          description: ok
          content:
            application/json: { examples: { first: { value: 1 }, second: { value: 2 } } }
            text/plain: { examples: { first: { value: '1' } } }
        4XX: { description: bad }
        default: { description: other }
  /b:
    get: { operationId: get_b, responses: { '204': { description: gone } } }
";

    fn call(status: u16, example: Option<&str>) -> Exchange {
        let example = example.map(Arc::from);
        let decision = Some(Decision { example, ..Decision::default() });
        Exchange { decision, ..Sample::get("/a").answer(status, JSON, "1").exchange() }
    }

    fn told(operation: &CoveredOperation) -> Vec<String> {
        let status = |status: &crate::finding::CoveredStatus| {
            let examples = status.examples.iter().map(|example| format!(" {} {}", example.name, example.answers));
            format!("{} {}{}", status.range, status.answers, examples.collect::<String>())
        };
        operation.statuses.iter().map(status).collect()
    }

    #[test]
    fn answers_count_under_the_key_that_covers_them_and_examples_by_name() {
        let coverage = Coverage::new(contract(BEFORE));
        for (status, example) in
            [(200, Some("first")), (200, Some("other")), (200, None), (404, Some("first")), (500, None)]
        {
            coverage.count(&call(status, example), Some(0));
        }
        coverage.count(&Exchange { outcome: Outcome::Hung, ..call(200, None) }, Some(0));
        coverage.count(&Exchange { decision: None, ..call(200, None) }, Some(0));
        let nowhere = Decision { why: Why::NoOperation, ..Decision::default() };
        coverage.count(&Exchange { decision: Some(nowhere.clone()), ..call(404, None) }, None);
        coverage.count(&Exchange { decision: Some(nowhere), ..call(204, None) }, None);
        let preflight = Decision { why: Why::Preflight, ..Decision::default() };
        coverage.count(&Exchange { decision: Some(preflight), ..call(204, None) }, None);
        let covered = coverage.report();
        assert_eq!(told(&covered.operations[0]), ["200 3 first 1 second 0", "4XX 1", "default 1"]);
        assert_eq!((covered.operations[0].calls, covered.operations[1].calls, covered.unmatched), (6, 0, 1));
        assert_eq!(
            covered.to_string(),
            "operations 1/2  statuses 3/4  examples 1/2  never: get_b · get_a 200 example `second`"
        );
    }

    #[test]
    fn what_the_document_does_not_have_takes_no_more_room_the_more_there_is() {
        let coverage = Coverage::new(contract(BEFORE));
        for status in (200..700).chain(200..700) {
            coverage.count(&call(status, None), Some(1));
        }
        let covered = &coverage.report().operations[1];
        assert_eq!((covered.calls, covered.undocumented.len(), covered.undocumented_more), (1_000, 16, 998 - 32));
        assert!(covered.undocumented.iter().all(|(_, count)| *count == 2));
    }

    #[test]
    fn counts_go_on_under_another_version_of_the_document() {
        let old = Coverage::new(contract(BEFORE));
        old.count(&call(200, Some("second")), Some(0));
        old.count(&call(404, None), Some(0));
        let after = "
  /b:
    get: { operationId: get_b, responses: { '204': { description: gone } } }
  /a:
    get:
      operationId: get_a
      responses:
        '200': { description: ok, content: { application/json: { examples: { second: { value: 2 }, third: { value: 3 } } } } }
        '404': { description: none }
        4XX: { description: bad }
";
        let new = old.carried(contract(after));
        new.count(&call(200, Some("third")), Some(1));
        new.count(&call(404, None), Some(1));
        // A call that was on its way by the old document.
        old.count(&call(200, Some("second")), Some(0));
        let covered = new.report();
        assert_eq!((covered.operations[0].calls, told(&covered.operations[0])), (0, vec!["204 0".to_owned()]));
        assert_eq!(told(&covered.operations[1]), ["200 3 second 2 third 1", "404 1", "4XX 1"]);

        // Nobody has called it by this version.
        let again = new.carried(contract(BEFORE)).report();
        assert_eq!(told(&again.operations[0]), ["200 3 first 0 second 2", "4XX 1", "default 0"]);
    }
}
