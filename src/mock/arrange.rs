//! Telling sessions what to do, and asking how they are: what tests do between their calls.
//!
//! Each of these is as one: a call finds the session as it was before or as it is after, and what it counts belongs to that.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::arranged::{Activated, Arranged, Kept, Override, Room};
use super::clock::SessionClock;
use super::session::{DEFAULT_SESSION, Session};
use super::sessions::{Ended, Full};
use super::story::Story;
use super::{Mock, State, View};
use crate::message::Moment;
use crate::scenario::Scenario;

/// The most scenarios that one session has of its own.
const UPLOADS: usize = 32;

/// The most bytes of text that all sessions together are told: scenarios and overrides.
const TOLD: usize = 16 << 20;

/// The most scenarios that are active in a session.
const ACTIVE: usize = 64;

/// Why a session was not told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotArranged {
    /// It is not there, and cannot be made.
    Full(Full),
    /// What was named is not there; the sentence says what may have been meant.
    Unknown(String),
    /// There is no room for more.
    TooMuch(String),
}

/// How a session is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its name.
    pub name: Arc<str>,
    /// How long it has been there.
    pub age: Duration,
    /// How long nothing has been asked in it.
    pub idle: Duration,
    /// How many calls there were.
    pub calls: u64,
    /// What holds in it.
    pub view: View,
}

impl Standing {
    fn of(name: &str, session: &Session, now: Moment) -> Standing {
        let past = |then_ns: u64| Duration::from_nanos(now.mono_ns.saturating_sub(then_ns));
        Standing {
            name: name.into(),
            age: past(session.began_ns()),
            idle: past(session.last_used_ns()),
            calls: session.calls.sum(),
            view: session.view(now),
        }
    }

    /// What it was told; nothing where that is nothing.
    pub fn arranged(&self) -> Option<&Arranged> {
        self.view.arranged.as_deref()
    }
}

/// The numbers of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many calls there were of each operation, by its key, in the order of the document, where there were any.
    pub calls: Vec<(Arc<str>, u64)>,
    /// How many calls each rule decided: its scenario, its id, the number. In the order of the names.
    pub rules: Vec<(Arc<str>, Arc<str>, u64)>,
}

impl State {
    /// How each session is, the default one first; and those that have ended because they were idle for too long.
    pub fn standings(&self, now: Moment) -> (Vec<Standing>, Vec<Ended>) {
        let ended = self.sessions.end_idle(now);
        let mut standings = Vec::new();
        self.sessions.each(|name, session| standings.push(Standing::of(name, session, now)));
        (standings, ended)
    }

    /// How a session is, if it is there.
    pub fn standing(&self, name: &str, now: Moment) -> Option<Standing> {
        self.sessions.peek(name, now, |session| Standing::of(name, session, now))
    }

    /// Which of its lives a session is in, if it is there.
    pub fn life(&self, name: &str, now: Moment) -> Option<u64> {
        self.sessions.peek(name, now, Session::life)
    }

    /// Whether a session is there, and is still what it was when a call saw this number ([`super::Expectant::life`]): it has neither ended nor
    /// begun anew.
    pub fn lives_on(&self, name: &str, life: u64, now: Moment) -> bool {
        self.sessions.peek(name, now, |session| session.life() == life) == Some(true)
    }

    /// The numbers of a session, if it is there.
    pub fn counts(&self, mock: &Mock, name: &str, now: Moment) -> Option<Counts> {
        self.sessions.peek(name, now, |session| {
            // Under the lock of the story, so that the numbers belong together.
            let story = session.story();
            let decided = story.decided().map(|(scenario, rule, number)| (scenario.clone(), rule.clone(), number));
            let mut rules: Vec<_> = decided.collect();
            let by_slot: HashMap<usize, u64> = session.calls.iter().collect();
            drop(story);
            rules.sort_unstable();
            let heads = mock.contract().heads().iter().enumerate();
            let calls = heads.filter_map(|(index, head)| Some((head.key.clone(), *by_slot.get(&mock.slot(index))?)));
            Counts { calls: calls.collect(), rules }
        })
    }

    /// Ends a session, and with it everything that calls left behind and that it was told; whether there was one. The default session
    /// is always there, and begins anew.
    pub fn end(&self, name: &str, now: Moment) -> bool {
        self.sessions.end(name, now)
    }

    /// Ends every session, and says how many there were beside the default one, which begins anew.
    pub fn end_all(&self, now: Moment) -> usize {
        self.sessions.end_all(now)
    }

    /// Has a session start from the beginning: what calls left behind is gone, active scenarios become active now. What it was told
    /// stays. Whether there is such a session.
    pub fn reset(&self, name: &str, now: Moment) -> bool {
        self.sessions.peek(name, now, |session| session.reset(self.sessions.another_life(), now)).is_some()
    }

    /// Has every session start from the beginning.
    pub fn reset_all(&self, now: Moment) {
        self.sessions.each(|_, session| session.reset(self.sessions.another_life(), now));
    }

    /// Activates scenarios in a session, in this order and no others. Each starts at its beginning, also one that was active.
    /// Without a list, those are active that are in the mock.
    ///
    /// # Errors
    /// When a name means nothing, or there is no room.
    pub fn activate(
        &self,
        mock: &Mock,
        name: &Arc<str>,
        names: Option<&[&str]>,
        now: Moment,
    ) -> Result<Vec<Ended>, NotArranged> {
        if names.is_some_and(|names| names.len() > ACTIVE) {
            return Err(NotArranged::TooMuch(format!("at most {ACTIVE} scenarios are active in a session")));
        }
        self.arrange(name, now, |session, arranged, story| {
            let since_ns = arranged.clock.read(now).mono_ns;
            let Some(names) = names else {
                arranged.active = None;
                mock.active().iter().for_each(|scenario| story.forget(&scenario.name));
                session.active_since(since_ns);
                return Ok(());
            };
            let mut active: Vec<Activated> = Vec::with_capacity(names.len());
            for name in names {
                let Some(scenario) = arranged.scenario(mock, name) else {
                    return Err(NotArranged::Unknown(arranged.unknown(mock, name)));
                };
                if !active.iter().any(|active| active.name == scenario.name) {
                    active.push(Activated { name: scenario.name.clone(), since_ns });
                }
            }
            active.iter().for_each(|active| story.forget(&active.name));
            arranged.active = Some(active);
            Ok(())
        })
    }

    /// Gives a session a scenario of its own, in place of the one of that name that it has. Where that is active, it starts at its
    /// beginning.
    ///
    /// # Errors
    /// When there is no room.
    pub fn upload(&self, name: &Arc<str>, scenario: Arc<Scenario>, now: Moment) -> Result<Vec<Ended>, NotArranged> {
        let told = self.told(scenario)?;
        self.arrange(name, now, |_, arranged, story| {
            let name = told.scenario.name.clone();
            match arranged.uploaded.iter().position(|known| known.scenario.name == name) {
                Some(at) => arranged.uploaded[at] = told,
                None if arranged.uploaded.len() >= UPLOADS => {
                    return Err(NotArranged::TooMuch(format!("a session has at most {UPLOADS} scenarios of its own")));
                }
                None => arranged.uploaded.push(told),
            }
            let since_ns = arranged.clock.read(now).mono_ns;
            let active = arranged.active.iter_mut().flatten().filter(|active| active.name == name);
            active.for_each(|active| active.since_ns = since_ns);
            story.forget(&name);
            Ok(())
        })
    }

    /// Takes a scenario of its own away from a session, active or not.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn take_back(&self, name: &str, scenario: &str, now: Moment) -> Result<(), NotArranged> {
        self.arrange_there(name, now, |arranged, story| {
            let before = arranged.uploaded.len();
            arranged.uploaded.retain(|told| *told.scenario.name != *scenario);
            if arranged.uploaded.len() == before {
                return Err(NotArranged::Unknown(format!("the session has no scenario `{scenario}` of its own")));
            }
            arranged.active.iter_mut().for_each(|active| active.retain(|active| *active.name != *scenario));
            story.forget(scenario);
            Ok(())
        })
    }

    /// Puts a rule before all others for an operation, or for all of them with `*`, in place of the one that is there.
    ///
    /// # Errors
    /// When there is no room.
    pub fn put_before(
        &self,
        name: &Arc<str>,
        operation: &Arc<str>,
        rule: Arc<Scenario>,
        now: Moment,
    ) -> Result<Vec<Ended>, NotArranged> {
        let kept = self.told(rule)?;
        self.arrange(name, now, |_, arranged, story| {
            story.forget(&kept.scenario.name);
            let since_ns = arranged.clock.read(now).mono_ns;
            arranged.overrides.retain(|known| known.operation != *operation);
            arranged.overrides.push(Override { operation: operation.clone(), kept, since_ns });
            Ok(())
        })
    }

    /// Takes away the rule that goes before all others for an operation.
    ///
    /// # Errors
    /// When there is none.
    pub fn put_back(&self, name: &str, operation: &str, now: Moment) -> Result<(), NotArranged> {
        self.arrange_there(name, now, |arranged, story| {
            let Some(at) = arranged.overrides.iter().position(|known| *known.operation == *operation) else {
                return Err(NotArranged::Unknown(format!("`{operation}` is not overridden in this session")));
            };
            let Override { kept, .. } = arranged.overrides.remove(at);
            story.forget(&kept.scenario.name);
            Ok(())
        })
    }

    /// Changes the clock of a session.
    ///
    /// # Errors
    /// When the session is not there and cannot be made.
    pub fn set_clock(
        &self,
        name: &Arc<str>,
        now: Moment,
        change: impl FnOnce(&mut SessionClock),
    ) -> Result<Vec<Ended>, NotArranged> {
        self.arrange(name, now, |_, arranged, _| {
            change(&mut arranged.clock);
            Ok(())
        })
    }

    fn told(&self, scenario: Arc<Scenario>) -> Result<Kept, NotArranged> {
        let bytes = scenario.source.text().len();
        let no_room = || {
            let most = TOLD >> 20;
            NotArranged::TooMuch(format!("all sessions together are told at most {most} MiB: end some of them"))
        };
        let _room = Room::take(&self.told, bytes, TOLD).ok_or_else(no_room)?;
        Ok(Kept { scenario, _room })
    }

    /// Changes what a session was told; makes it if it is not there, and says which sessions had to go for it.
    fn arrange(
        &self,
        name: &Arc<str>,
        now: Moment,
        change: impl FnOnce(&Session, &mut Arranged, &mut Story) -> Result<(), NotArranged>,
    ) -> Result<Vec<Ended>, NotArranged> {
        if **name == *DEFAULT_SESSION {
            let usual = self.sessions.usual();
            usual.touch(now);
            return usual.arrange(|arranged, story| change(usual, arranged, story)).map(|()| Vec::new());
        }
        let (session, ended) = self.sessions.get(name, now).map_err(NotArranged::Full)?;
        session.arrange(|arranged, story| change(&session, arranged, story))?;
        Ok(ended)
    }

    /// Changes what a session was told that is there.
    fn arrange_there(
        &self,
        name: &str,
        now: Moment,
        change: impl FnOnce(&mut Arranged, &mut Story) -> Result<(), NotArranged>,
    ) -> Result<(), NotArranged> {
        let changed = self.sessions.peek(name, now, |session| {
            session.touch(now);
            session.arrange(change)
        });
        changed.unwrap_or_else(|| Err(NotArranged::Unknown(format!("there is no session `{name}`"))))
    }
}
