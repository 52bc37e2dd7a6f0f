//! What a schema comes to once every choice is made: a tree from which values are written without looking at the schema again.

use serde_json::Value;

use super::Seed;
use super::json;
use super::meaning::PageField;
use super::number::Numbers;
use super::string::Texts;
use crate::schema::Schema;

/// The values of one schema.
#[derive(Debug)]
pub(super) enum Form {
    /// This one.
    Fixed(Value),
    /// One of these.
    OneOf(Box<[Value]>),
    Flag(Flag),
    Number(Numbers),
    /// A number that follows from the list beside it.
    Page(PageField, Numbers),
    Text(Box<Texts>),
    /// A text that is JSON.
    Json(Box<Form>),
    List(Box<List>),
    Record(Box<Record>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Is(bool),
    Either,
    /// Follows from the list beside it.
    Page(PageField),
}

#[derive(Debug)]
pub(super) struct List {
    /// The first items, each of its own form.
    pub(super) first: Vec<Form>,
    /// All others; `None` where there may be none.
    pub(super) rest: Option<Form>,
    /// How many items it must and may have.
    pub(super) bounds: (usize, usize),
    /// How many it has, unless asked for another number.
    pub(super) usual: (usize, usize),
    /// Whether no two may be equal.
    pub(super) unique: bool,
    /// Whether it takes the size that is asked for.
    pub(super) sized: bool,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) members: Vec<Member>,
    /// Which member is the list that members about pages speak of.
    pub(super) list: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Box<str>,
    /// The name as it is written before its value: `"name":`.
    pub(super) written: Box<[u8]>,
    /// The name, hashed: what narrows the seed.
    pub(super) key: u64,
    pub(super) form: Form,
    /// What decides whether a value of the same name in the request may stand here; `None` where it is not asked for.
    pub(super) echo: Option<Accept>,
    /// Whether it leads to another page.
    pub(super) link: Option<Box<Link>>,
}

/// A member that leads to another page of a list.
#[derive(Debug)]
pub(super) struct Link {
    /// To the one after this; else to the one before.
    pub(super) forward: bool,
    /// Whether the member may be left out where there is no such page.
    pub(super) optional: bool,
    /// Whether it had rather be an address.
    pub(super) address: bool,
    pub(super) schemas: Box<[Schema]>,
}

/// Whether a value may stand in a generated one's place.
#[derive(Debug)]
pub(super) enum Accept {
    /// What the form can write.
    Form,
    /// What all of these schemas admit.
    Schemas(Box<[Schema]>),
}

impl Record {
    /// What a member of this name is written from.
    pub(super) fn form(&self, name: &str) -> Option<&Form> {
        self.members.iter().find(|member| *member.name == *name).map(|member| &member.form)
    }

    /// Adds a member of one fixed value, in the record inside of it that the way leads to, unless there is one of that name.
    pub(super) fn put(&mut self, way: &[&str], value: Value) {
        let Some((name, rest)) = way.split_first() else { return };
        let known = self.members.iter_mut().find(|member| *member.name == **name);
        match (known, rest.is_empty()) {
            (None, true) => self.members.push(Member::new(name, Form::Fixed(value), None)),
            (Some(Member { form: Form::Record(record), .. }), false) => record.put(rest, value),
            _ => {}
        }
    }
}

impl Member {
    pub(super) fn new(name: &str, form: Form, echo: Option<Accept>) -> Member {
        let mut written = Vec::with_capacity(name.len() + 3);
        json::string(name, &mut written);
        written.push(b':');
        Member {
            name: name.into(),
            written: written.into(),
            key: Seed(0).hash(&[name.as_bytes()]),
            form,
            echo,
            link: None,
        }
    }
}

impl Form {
    /// About how many values it writes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Form::List(list) => {
                let rest = list.rest.as_ref().map_or(0, Form::weight);
                let count = list.usual.1.saturating_sub(list.first.len());
                let first: usize = list.first.iter().map(Form::weight).fold(1, usize::saturating_add);
                first.saturating_add(rest.saturating_mul(count))
            }
            Form::Record(record) => {
                record.members.iter().map(|member| member.form.weight()).fold(1, usize::saturating_add)
            }
            _ => 1,
        }
    }

    /// Whether a value is one that it could write, as far as that can be told from it; no for texts, lists and records.
    pub(super) fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Form::Fixed(fixed), value) => fixed == value,
            (Form::OneOf(values), value) => values.contains(value),
            (Form::Flag(_), Value::Bool(_)) => true,
            (Form::Number(numbers) | Form::Page(_, numbers), Value::Number(number)) => numbers.admits(number),
            _ => false,
        }
    }
}
