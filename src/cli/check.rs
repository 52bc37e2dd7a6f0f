//! `standin check`: hold a live API, or what was recorded of one, to a document.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;

use super::args::{Auth, CheckArgs, Format, Kind};
use super::exit::{Exit, FINDINGS, Failure};
use super::fetch::proxies;
use super::load::{Input, LIMIT, Subject, gravest_first};
use super::plan::{Plan, random_key};
use super::select::selected;
use super::terminal::{Streams, Terminal};
use crate::check::{self, Ending, Live, Mode, Source, World};
use crate::client::{self, BaseUrl};
use crate::finding::{Event, Severity};
use crate::message::{HeaderName, HeaderValue, header};
use crate::report::{self, CheckJson, CheckJunit, CheckText, Text};
use crate::server::{Clock, SystemClock};

/// Checks, and tells what is found.
///
/// # Errors
/// When the document, the target or a file cannot be used.
pub(super) fn check(args: &CheckArgs, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    let input = Input::of(&args.documents, "check")?;
    plan.no_markdown("check")?;
    plan.spare(args.traffic.iter().map(PathBuf::as_path).chain(input.file()))?;
    let traffic = traffic(args, &input, streams)?;
    let mode = mode(args)?;
    let mut subject = Subject::one(input, &args.reading, &mut streams.input)?;
    let contract = subject.usable()?.clone();
    gravest_first(&mut subject.findings);
    if !subject.findings.is_empty() {
        let lint = format!("standin lint{}", subject.arguments());
        plan.say(streams, &report::list(&subject.findings, FINDINGS, &lint));
    }
    let check = check::Plan {
        document: match subject.is_bundled() {
            true => "bundled invitation API (no DOCUMENT given)".to_owned(),
            false => subject.name(),
        },
        traffic,
        selected: selected(&contract, &args.only, &args.skip)?,
        mode,
        key: random_key(),
        seed: plan.seed,
        contract,
    };

    let fail_on = args.fail_on.into();
    let mut told = Told::new(plan, fail_on, streams);
    let (clock, stop) = (SystemClock::new(), AtomicBool::new(false));
    let world = World { now: &|| clock.now(), stop: &|| stop.load(Ordering::Relaxed) };
    let ran = client::block_on(&stop, check::run(&check, world, &mut |event| told.event(&event)));
    let outcome = ran.map_err(|error| Failure::new(Exit::Unreachable, format!("cannot send: {error}")))?;
    let ending = outcome.map_or(Ending::Incomplete, |outcome| outcome.ending(fail_on));
    told.finish()?;
    let exit = match ending {
        Ending::Clean => Exit::Clean,
        Ending::Findings => Exit::Findings,
        Ending::Incomplete | Ending::Failed => Exit::Unreachable,
    };
    let said = match ending {
        Ending::Clean => return Ok(exit),
        Ending::Findings => "findings",
        Ending::Incomplete => "not everything was looked at",
        Ending::Failed => "it could not be carried out",
    };
    plan.say(streams, &format!("exit {}: {said}\n", exit.code()).into());
    Ok(exit)
}

/// Where events go: to the terminal at once, to reports at the end.
struct Told<'p> {
    plan: &'p Plan,
    text: CheckText,
    json: CheckJson,
    junit: CheckJunit,
    out: Terminal,
    err: Terminal,
}

impl Told<'_> {
    fn new<'p>(plan: &'p Plan, fail_on: Severity, streams: &Streams) -> Told<'p> {
        Told {
            plan,
            text: CheckText { each: plan.verbose },
            json: CheckJson::default(),
            junit: CheckJunit::new(fail_on),
            out: streams.out.clone(),
            err: streams.err.clone(),
        }
    }

    fn event(&mut self, event: &Event) {
        let lines = self.text.lines(event);
        match event {
            // Findings are the result: on standard output, unless that is for JSON.
            Event::Found(_) if self.plan.format == Format::Text => self.out.text(&lines),
            Event::Found(_) | Event::Failed(_) | Event::Lost { .. } => self.err.text(&lines),
            _ if self.plan.quiet => {}
            _ => self.err.text(&lines),
        }
        self.json.event(event);
        self.junit.event(event);
    }

    /// Writes every report that was asked for.
    fn finish(mut self) -> Result<(), Failure> {
        let (json, junit) = (self.json.finish(), self.junit.finish());
        if self.plan.format == Format::Json {
            self.out.text(&json.clone().into());
        }
        let mut said = Text::default();
        for report in self.plan.reports() {
            self.plan.write(&report.file, if report.kind == Kind::Json { &json } else { &junit })?;
            said.plain(format!("report {}\n", report.file.display()));
        }
        if !self.plan.quiet {
            self.err.text(&said);
        }
        Ok(())
    }
}

fn traffic(args: &CheckArgs, input: &Input, streams: &mut Streams) -> Result<Vec<Source>, Failure> {
    if args.traffic.is_empty() {
        let failure = Failure::usage("there is nothing to check: no recorded traffic was given");
        return Err(failure.help("--traffic session.har, or what `standin mock --record FILE` writes"));
    }
    let stdin = args.traffic.iter().filter(|path| is_stdin(path)).count();
    if stdin > 1 || (stdin > 0 && *input == Input::Stdin) {
        return Err(Failure::usage("standard input can be read once: `-` was given twice"));
    }
    let source = |path: &PathBuf| {
        if is_stdin(path) {
            return whole(streams.input.as_mut(), "standard input", "stdin");
        }
        let name = path.display().to_string();
        match fs::metadata(path) {
            // A pipe, such as a shell's `<(command)`, can be read once only.
            Ok(found) if !found.is_file() && !found.is_dir() => match fs::File::open(path) {
                Ok(mut pipe) => whole(&mut pipe, &format!("`{name}`"), &name),
                Err(_) => Ok(Source::File(path.clone())),
            },
            _ => Ok(Source::File(path.clone())),
        }
    };
    args.traffic.iter().map(source).collect()
}

/// All that there is to read of something that can be read once.
fn whole(input: &mut dyn Read, what: &str, name: &str) -> Result<Source, Failure> {
    let mut bytes = Vec::new();
    let failed = |why: &str| Failure::new(Exit::Unreachable, format!("{what} cannot be read: {why}"));
    match input.take(LIMIT + 1).read_to_end(&mut bytes) {
        Err(error) => Err(failed(&error.to_string())),
        Ok(length) if length as u64 > LIMIT => Err(failed("it is too long: save it to a file")),
        Ok(_) => Ok(Source::Memory { name: name.to_owned(), bytes: bytes.into() }),
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn mode(args: &CheckArgs) -> Result<Mode, Failure> {
    let url = match (&args.url, args.offline) {
        (None, true) => return Ok(Mode::Offline),
        (Some(_), true) => {
            return Err(
                Failure::usage("`--offline` sends nothing, and `--url` says where to").help("leave one of them out")
            );
        }
        (None, false) => {
            let failure = Failure::usage("the base URL of the API is missing");
            return Err(failure.help("--url http://localhost:8080, or --offline to judge what was recorded"));
        }
        (Some(url), false) => BaseUrl::parse(url).map_err(|error| {
            let failure = Failure::usage(format!("--url: {error}"));
            match error.help() {
                Some(help) => failure.help(help),
                None => failure,
            }
        })?,
    };
    for field in &args.fields {
        if client::sets(&field.name) {
            let failure = Failure::usage(format!("-H: `{}` cannot be given: the request itself sets it", field.name));
            return Err(failure.help("leave it out; the host is that of `--url`"));
        }
    }
    let mut fields: Vec<_> = args.fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect();
    fields.extend(args.auth.as_ref().map(authorization).transpose()?);
    let client = client::Options {
        ca: args.ca.iter().cloned().collect(),
        insecure: args.insecure,
        timeout: args.timeout,
        proxies: proxies(),
        ..client::Options::default()
    };
    let live = Live { url, client, fields, allow_writes: args.allow_writes, safe_only: false, wait: args.wait };
    Ok(Mode::Live(Box::new(live)))
}

/// The field for `--auth`: `name:password` is Basic, a text with a scheme stays as it is, all else is a bearer token.
fn authorization(auth: &Auth) -> Result<(HeaderName, HeaderValue), Failure> {
    let text = auth.0.trim();
    if text.is_empty() {
        return Err(
            Failure::usage("--auth: the credentials are empty").help("is the variable set that they come from?")
        );
    }
    let value = if text.contains(' ') {
        text.to_owned()
    } else if text.contains(':') {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    } else {
        format!("Bearer {text}")
    };
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| Failure::usage("--auth: the credentials hold characters that no field can carry"))?;
    value.set_sensitive(true);
    Ok((header::AUTHORIZATION, value))
}

#[cfg(test)]
mod tests {
    use super::authorization;
    use crate::cli::args::Auth;

    #[test]
    fn credentials_become_a_field() {
        let value = |text: &str| {
            let (_, value) = authorization(&Auth(text.to_owned())).unwrap();
            assert!(value.is_sensitive());
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(value("sesame"), "Bearer sesame");
        assert_eq!(value("ada:lovelace"), "Basic YWRhOmxvdmVsYWNl");
        assert_eq!(value("Token x"), "Token x");
        assert!(authorization(&Auth("a\nb".to_owned())).is_err());
        assert!(authorization(&Auth(" ".to_owned())).is_err());
    }
}
