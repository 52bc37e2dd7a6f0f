//! What a run meets of its contract, counted as exchanges happen.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::contract::{Contract, Operation, Response};
use crate::finding::{Covered, CoveredExample, CoveredOperation, CoveredStatus};
use crate::message::StatusRange;
use crate::traffic::{Exchange, Why};

/// How many undocumented statuses of an operation are counted each by itself.
const UNDOCUMENTED: usize = 16;

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
            if missed && status.is_none_or(|status| status >= 400) {
                self.shared.unmatched.fetch_add(1, Relaxed);
            }
            return;
        };
        let met = self.operations[operation].get_or_init(|| self.shared.met(self.contract.operation(operation)));
        met.count(status, decision.example.as_deref());
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
