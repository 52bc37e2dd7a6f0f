//! Scenarios: which can be asked for, which are active in a session, and which it has of its own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::html::Page;
use super::{Answer, Asked, body, done, not_arranged, problem, sessions, text, unusable, value, yaml};
use crate::message::StatusCode;
use crate::mock::NotArranged;
use crate::scenario::Scenario;

/// Every scenario that can be asked for by name in any session.
pub(super) fn list(asked: &Asked<'_>) -> Answer {
    let is_active = |scenario: &Arc<Scenario>| asked.mock.active().iter().any(|active| Arc::ptr_eq(active, scenario));
    let known = asked.mock.known();
    if !asked.page {
        let known = known.iter().map(|scenario| {
            let (name, summary, source) = (&*scenario.name, &scenario.summary, scenario.source.name());
            json!({ "name": name, "summary": summary, "source": source, "active": is_active(scenario) })
        });
        return Ok(value(&json!({ "scenarios": known.collect::<Vec<_>>() })));
    }
    let mut page = Page::new("Scenarios");
    page.raw("<table>\n");
    for scenario in known {
        let active = if is_active(scenario) { "active" } else { "" };
        page.row([&scenario.name, &active, &scenario.summary]);
    }
    page.raw("</table>\n");
    Ok(page.into_response())
}

/// What is active in a session, and what it has of its own.
pub(super) fn of_session(asked: &Asked<'_>) -> Answer {
    let standing = sessions::standing(asked)?;
    let uploaded = standing.view.uploaded().iter().map(|kept| {
        let (name, summary) = (&*kept.scenario.name, &kept.scenario.summary);
        json!({ "name": name, "summary": summary })
    });
    Ok(value(&json!({
        "active": sessions::active(asked, &standing),
        "uploaded": uploaded.collect::<Vec<_>>(),
    })))
}

/// Activates scenarios in a session, in the order in which they are listed, each from its beginning.
pub(super) fn activate(asked: &Asked<'_>) -> Answer {
    let content = asked.json()?;
    let names = content.as_object().filter(|members| members.len() == 1).and_then(|members| members.get("active"));
    let names: Option<Vec<&str>> =
        names.and_then(Value::as_array).and_then(|names| names.iter().map(Value::as_str).collect());
    match names {
        Some(names) => activated(asked, Some(&names)),
        None => {
            let detail = r#"send the names of the scenarios in their order: `{"active": ["throttled"]}`"#;
            Err(problem(StatusCode::UNPROCESSABLE_ENTITY, detail))
        }
    }
}

/// Activates in a session what is active where nothing else is said.
pub(super) fn activate_usual(asked: &Asked<'_>) -> Answer {
    activated(asked, None)
}

fn activated(asked: &Asked<'_>, names: Option<&[&str]>) -> Answer {
    let name = asked.session()?;
    match asked.inner.state.activate(&asked.mock, &name, names, asked.now) {
        Ok(ended) => {
            asked.tell(&ended);
            of_session(asked)
        }
        // The page is there; what is asked of it is not.
        Err(NotArranged::Unknown(sentence)) => Err(problem(StatusCode::UNPROCESSABLE_ENTITY, sentence)),
        Err(why) => Err(not_arranged(why)),
    }
}

/// The text of a scenario as it is in a session.
pub(super) fn text_of(asked: &Asked<'_>) -> Answer {
    let standing = sessions::standing(asked)?;
    match standing.view.scenario(&asked.mock, asked.named(1)) {
        Some(scenario) => Ok(text(yaml(asked.page), scenario.source.text().to_owned())),
        None => Err(problem(StatusCode::NOT_FOUND, standing.view.unknown(&asked.mock, asked.named(1)))),
    }
}

/// Gives a session a scenario of its own.
pub(super) fn upload(asked: &Asked<'_>) -> Answer {
    let wanted = asked.named(1);
    let (name, source) = (asked.session()?, asked.source(format!("{wanted}.yaml"))?);
    let (scenario, mut findings) = Scenario::read(&source, asked.mock.contract());
    let Some(scenario) = scenario else {
        return Err(unusable(format!("the scenario `{wanted}` cannot be used, and nothing has changed"), &findings));
    };
    if *scenario.name != *wanted {
        let detail = format!(
            "the scenario says that it is `{}`, and it is sent as `{wanted}`: write one of the two",
            scenario.name
        );
        return Err(problem(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    let (scenario, merges) = asked.mock.adopt(scenario);
    findings.extend(merges);
    if body::is_broken(&findings) {
        return Err(unusable(format!("the scenario `{wanted}` cannot be used, and nothing has changed"), &findings));
    }
    let told = json!({
        "name": *scenario.name,
        "summary": scenario.summary,
        "findings": body::told(&findings),
    });
    asked.tell(&asked.inner.state.upload(&name, scenario, asked.now).map_err(not_arranged)?);
    Ok(value(&told))
}

/// Takes a scenario of its own away from a session.
pub(super) fn take_back(asked: &Asked<'_>) -> Answer {
    let name = asked.session()?;
    asked.inner.state.take_back(&name, asked.named(1), asked.now).map_err(not_arranged)?;
    Ok(done())
}
