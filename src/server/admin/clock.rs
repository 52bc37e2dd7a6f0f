//! The clock of a session.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, Asked, not_arranged, problem, sessions, value};
use crate::message::{Moment, StatusCode};
use crate::mock::{SessionClock, Standing};
use crate::scenario::duration;

/// What it shows.
pub(super) fn show(asked: &Asked<'_>) -> Answer {
    Ok(value(&shown(&sessions::standing(asked)?, asked.now)))
}

/// What the clock of a session shows, and how it was set.
pub(super) fn shown(standing: &Standing, now: Moment) -> Value {
    let clock = standing.arranged().map_or_else(SessionClock::default, |arranged| arranged.clock);
    json!({
        "now": standing.view.now.timestamp().to_string(),
        "offset_ms": clock.offset_ns(now) / 1_000_000,
        "frozen": clock.is_frozen(),
    })
}

/// What is asked of it. All of it happens at one moment: first how far it is ahead, then whether it stands still, then how far it moves.
#[derive(Debug, Default)]
struct Wanted {
    offset: Option<Duration>,
    frozen: Option<bool>,
    advance: Option<Duration>,
}

/// Sets it.
pub(super) fn set(asked: &Asked<'_>) -> Answer {
    let (name, content) = (asked.session()?, asked.json()?);
    let wanted = read(&content).map_err(|sentence| problem(StatusCode::UNPROCESSABLE_ENTITY, sentence))?;
    let Wanted { offset, frozen, advance } = wanted;
    let set = asked.inner.state.set_clock(&name, asked.now, |clock| {
        if let Some(offset) = offset {
            clock.set_ahead(offset, asked.now);
        }
        match frozen {
            Some(true) => clock.freeze(asked.now),
            Some(false) => clock.thaw(asked.now),
            None => {}
        }
        if let Some(advance) = advance {
            clock.advance(advance);
        }
    });
    asked.tell(&set.map_err(not_arranged)?);
    show(asked)
}

fn read(value: &Value) -> Result<Wanted, String> {
    const MEANT: &str = r#"send one or more of `{"frozen": true, "advance": "30s", "offset": "2h"}`"#;
    let members = value.as_object().filter(|members| !members.is_empty()).ok_or(MEANT)?;
    let mut wanted = Wanted::default();
    for (name, value) in members {
        let time = || {
            let text = value.as_str().ok_or_else(|| format!("`{name}` takes a duration such as \"30s\""))?;
            duration(text).map_err(|(sentence, help)| format!("`{name}`: {sentence}; {help}"))
        };
        match &**name {
            "frozen" => wanted.frozen = Some(value.as_bool().ok_or("`frozen` takes true or false")?),
            "advance" => wanted.advance = Some(time()?),
            "offset" => wanted.offset = Some(time()?),
            _ => return Err(format!("a clock has no `{name}`: {MEANT}")),
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn what_is_asked_of_a_clock_is_read_or_refused_with_what_is_meant() {
        assert!(read(&json!({ "frozen": true, "advance": "1.5s", "offset": "2h" })).is_ok());
        for (wrong, part) in [
            (json!({}), "send one or more"),
            (json!([]), "send one or more"),
            (json!({ "frozen": "yes" }), "`frozen` takes true or false"),
            (json!({ "advance": 30 }), "`advance` takes a duration"),
            (json!({ "advance": "30" }), "`30` has no unit; write `30ms` or `30s`"),
            (json!({ "offset": "-1h" }), "`-1h` is no duration"),
            (json!({ "speed": 2 }), "a clock has no `speed`"),
        ] {
            assert!(read(&wrong).unwrap_err().contains(part), "{wrong}: {:?}", read(&wrong));
        }
    }
}
