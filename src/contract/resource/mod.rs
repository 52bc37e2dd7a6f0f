//! What the operations of a document do to things: which of them create, list, read, change and remove items of which collection.
//!
//! What belongs here: the inference from paths, methods and schemas, and what a file says to correct it. Pure; nothing is kept here
//! (the mock keeps items). What is not plain is not inferred: then an operation has no [`Use`], but the reason why it has none.

mod action;
mod correct;
mod correction;
mod identify;
mod infer;
mod path;
mod shape;
mod single;
mod together;
mod uses;
mod words;

use std::sync::Arc;

pub use correct::World;
pub use correction::Seed;

use super::Contract;
use crate::finding::Finding;
use crate::schema::Schema;

/// The collections of a document, and what each operation does to them.
#[derive(Debug, Default)]
pub struct Resources {
    /// The collections.
    pub collections: Vec<Collection>,
    /// By operation.
    pub operations: Vec<Told>,
}

/// Items of one kind under one path.
#[derive(Debug)]
pub struct Collection {
    /// What it is called: the last part of its path.
    pub name: String,
    /// Its path template with the base path: what it goes by where names must last.
    pub path: Arc<str>,
    /// The parameters of that path: whose items they are.
    pub scope: Vec<String>,
    /// What items are told apart by.
    pub id: Option<Identity>,
    /// Whether its items are kept.
    pub kept: Kept,
    /// Whether its path has one thing and no items: a star, a page, a lock.
    pub single: bool,
    /// Where the document shows an item as a whole.
    pub item: Option<Shown>,
    /// The member that says in which state an item is.
    pub state: Option<State>,
    /// Members of which no two items under one parent may have the same; none: requests that are equal as a whole.
    pub unique: Vec<String>,
    /// Whether a second one like another is refused: the status.
    pub conflict: Option<u16>,
    /// The operation that tells most of it.
    pub operation: usize,
    /// Why it is one, in a phrase.
    pub why: String,
}

/// Whether items of a collection are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// They are made by calls: what was not made is not there.
    Made,
    /// Nothing makes them: each is there from the start, until it is removed.
    Given,
    /// They are not: operations answer as the document says.
    Not,
}

/// What items are told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The member of an item.
    pub member: String,
    /// Why it is that one, in a phrase.
    pub why: String,
}

/// The states of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The member.
    pub member: String,
    /// The state that an item has when it is made.
    pub first: Option<String>,
    /// All that the document names.
    pub all: Vec<String>,
}

/// A place in the answer of an operation that shows items.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The operation.
    pub operation: usize,
    /// Which of its responses.
    pub response: usize,
    /// Which media type of that.
    pub content: usize,
    /// Names of members that lead there.
    pub way: Vec<String>,
    /// Whether it is a list of items.
    pub list: bool,
    /// The schema of an item.
    pub schema: Schema,
}

/// What is known of an operation.
#[derive(Debug)]
pub struct Told {
    /// What it does to items; or why nothing is said of that.
    pub does: Result<Use, String>,
    /// Items that have to be there for it: those that its path leads through.
    pub parents: Vec<Item>,
}

/// An item, as a path names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The collection.
    pub collection: usize,
    /// For each part of the collection's scope, the parameter that says it; `None`: the path leaves it open.
    pub scope: Vec<Option<String>>,
    /// The parameter that names the item; empty for a thing of which its path has one.
    pub id: String,
}

/// What an operation does to items.
#[derive(Clone, Debug)]
pub struct Use {
    /// What.
    pub role: Role,
    /// Of which collection.
    pub collection: usize,
    /// For each part of the collection's scope, the path parameter that says it; `None`: it is about all of them.
    pub scope: Vec<Option<String>>,
    /// The path parameter that names the item.
    pub id: Option<String>,
    /// Where its answer shows the item or the items of the collection.
    pub shown: Option<Shown>,
    /// For [`Role::Create`], where the answer does not show the item: the member that says which one was made.
    pub names: Option<Shown>,
    /// Where in the body of a request the item lies: names of members.
    pub sent: Vec<String>,
    /// For [`Role::Act`]: what comes of it.
    pub act: Option<Act>,
    /// For [`Role::Replace`]: whether it makes an item that is not there, and with which status.
    pub makes: Option<u16>,
    /// Path parameters that choose among the items by a member.
    pub by: Vec<(String, String)>,
    /// Why, in a phrase.
    pub why: String,
}

/// What an operation does to items of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Makes one.
    Create,
    /// Lists them.
    List,
    /// Reads one.
    Read,
    /// Puts another in its place.
    Replace,
    /// Changes what is sent.
    Merge,
    /// Takes one away.
    Remove,
    /// Something happens to one.
    Act,
}

impl Role {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Create => "creates",
            Role::List => "lists",
            Role::Read => "reads",
            Role::Replace => "replaces",
            Role::Merge => "changes",
            Role::Remove => "removes",
            Role::Act => "acts on",
        }
    }
}

/// What comes of an action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// The member of the request that says whether it is agreed to; `None`: the operation's own name says it, or it is always.
    pub answer: Option<String>,
    /// Members that get a value when it is agreed to.
    pub agreed: Vec<(String, serde_json::Value)>,
    /// Members that get a value when it is not.
    pub refused: Vec<(String, serde_json::Value)>,
    /// Whether it is agreed to where no member says so.
    pub agrees: bool,
    /// Whether the item is no longer there for others afterwards.
    pub takes: bool,
    /// Whether what was sent becomes members of the item.
    pub merges: bool,
    /// The collection that gets an item by it when it is agreed to; and for each part of its scope, which part of the item's says it.
    pub makes: Option<(usize, Vec<usize>)>,
    /// Whether it answers what waits: it comes too late for what is no longer in its first state.
    pub answers: bool,
    /// What a second one is answered with.
    pub again: Option<u16>,
}

impl Resources {
    /// What a document says, and what a file says to correct it; with what of the file does not fit the document.
    pub fn of(contract: &Contract, world: &World) -> (Resources, Vec<Finding>) {
        let mut resources = infer::infer(contract);
        let findings = correction::apply(&mut resources, contract, world);
        (resources, findings)
    }

    /// What an operation does, where its collection is kept.
    pub fn does(&self, operation: usize) -> Option<&Use> {
        let does = self.operations.get(operation)?.does.as_ref().ok()?;
        (self.collections[does.collection].kept != Kept::Not).then_some(does)
    }

    /// The items that have to be there for an operation.
    pub fn parents(&self, operation: usize) -> &[Item] {
        self.operations.get(operation).map_or(&[], |told| &told.parents)
    }

    /// The collection of a name or a path.
    pub fn find(&self, text: &str) -> Option<usize> {
        let by_path = self.collections.iter().position(|collection| *collection.path == *text);
        by_path.or_else(|| {
            let mut named = (0..self.collections.len()).filter(|index| self.collections[*index].name == text);
            named.next().filter(|_| named.next().is_none())
        })
    }
}
