//! `standin mock`: serve documents.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::Arc;

use super::args::{ExamplesAs, Log as Form, MockArgs};
use super::exit::{Exit, FINDINGS, Failure};
use super::head::head;
use super::load::{Subject, gravest_first};
use super::plan::{Plan, random_key};
use super::reload::Reload;
use super::resources;
use super::start::{self, Start};
use super::stories::{Scenarios, Shelf};
use super::terminal::{Streams, Terminal};
use super::tries::Tries;
use super::version::{Recipe, Version};
use crate::contract::Contract;
use crate::finding::Finding;
use crate::mock::{Examples, Mock, Options, State, unsatisfiable};
use crate::report::{self, Counts, Text};
use crate::scenario::{Chance, Delay, Fail, Scenario};
use crate::server::{self, BindError, Format, Log, RecordError, Recorder, Service, Settings, SystemClock};
use crate::traffic::Fault;

/// The scenario that `--delay` and `--fail` stand for.
const FLAGS: &str = "command-line";

/// All that serving takes, and what there is to say of it.
pub(super) struct Ready {
    pub(super) subject: Subject,
    pub(super) contract: Arc<Contract>,
    pub(super) shelf: Shelf,
    pub(super) mock: Arc<Mock>,
    /// The scenario that flags stand for.
    pub(super) yaml: Option<String>,
    /// What is wrong, as far as it is known before everything is compiled.
    pub(super) findings: Vec<Finding>,
    pub(super) host: String,
    /// Connections wait there already.
    pub(super) listeners: Vec<TcpListener>,
    /// The base URL.
    pub(super) url: String,
    pub(super) settings: Settings,
    /// How it is made once more.
    pub(super) recipe: Recipe,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the document, a scenario, the port or a file cannot be used.
pub(super) fn mock(args: &MockArgs, plan: &Plan, words: Vec<OsString>, streams: &mut Streams) -> Result<Exit, Failure> {
    plan.no_reports("mock")?;
    let ready = ready(args, plan, streams)?;
    let Ready { subject, contract, shelf, mock, yaml, findings, host, listeners, url, settings, recipe } = ready;
    let mut told = head(&subject);
    let (bundled, arguments) = (subject.is_bundled(), subject.arguments());
    let tries = Tries::of(&contract, url.trim_start_matches("http://"), &args.admin_prefix, plan.now);
    let start = Start {
        bundled,
        arguments: &arguments,
        plan,
        contract: &contract,
        url: &url,
        tries: &tries,
        active: mock.active(),
        yaml: yaml.as_deref(),
        kept: mock.options().stateful.as_ref().map(|kept| resources::in_short(kept, &arguments)),
        known: mock.known().len(),
        shipped: shelf.is_shipped(),
        reach: start::reach(&host, is_loopback(&listeners)),
        record: args.record.as_deref(),
        watching: &watching(args, &recipe, bundled),
    };
    told.append(start.text());
    let lint = format!("standin lint{arguments}");

    let service = Service::new(mock.clone(), Arc::new(State::new(&mock)), settings);
    let clock = SystemClock::new();
    let reload = Reload {
        recipe,
        service: service.clone(),
        clock: clock.clone(),
        terminal: streams.err.clone(),
        plan: plan.clone(),
        words,
        lint: lint.clone(),
    };
    // Files are watched from the start to the end of this.
    let mut watching = None;
    let summary = server::run(listeners, service, clock, || {
        if plan.log != Form::Json {
            plan.say(streams, &told);
        }
        // Whoever waits for this line calls at once: what is logged then comes after what is said at the start.
        streams.out.line(&start::result(plan.format, &url));
        let terminal = (!plan.quiet).then(|| streams.err.clone());
        compile(contract.clone(), findings.clone(), plan.log, lint, terminal);
        watching = (!args.no_watch).then(|| reload.start(findings)).flatten();
    });
    drop(watching);
    let summary = summary.map_err(|error| Failure::new(Exit::Unreachable, format!("cannot serve: {error}")))?;
    if plan.log != Form::Json {
        plan.say(streams, &format!("{summary}\n").into());
    }
    let cut_short = summary.recorded.is_some_and(|recorded| recorded.stopped.is_some());
    Ok(if cut_short { Exit::Unreachable } else { Exit::Clean })
}

/// What the start lines say of the files that are watched.
fn watching(args: &MockArgs, recipe: &Recipe, bundled: bool) -> String {
    if args.no_watch {
        return "nothing (--no-watch)".to_owned();
    }
    let files = recipe.files();
    match files.as_slice() {
        [] if bundled => "nothing (bundled)".to_owned(),
        [] => "nothing (no file was read)".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one}, {other}"),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

/// Reads all that is to be served, and takes the port.
///
/// # Errors
/// When the document, a scenario, the port or a file cannot be used.
pub(super) fn ready(args: &MockArgs, plan: &Plan, streams: &mut Streams) -> Result<Ready, Failure> {
    let mut recipe = Recipe::new(args, plan)?;
    let Version { subject, contract, shelf, mock, yaml, findings } = recipe.make(&mut streams.input)?;

    let host = args.host.clone().unwrap_or_else(|| "localhost".to_owned());
    let listeners = server::bind(&host, args.port).map_err(|error| unbound(&error))?;
    let url = url(&host, &listeners);
    let settings = settings(args, plan, &contract, &streams.err)?;
    let mock = Arc::new(mock);
    Ok(Ready { subject, contract, shelf, mock, yaml, findings, host, listeners, url, settings, recipe })
}

/// Compiles what no request asked for yet, while requests are answered already, and tells what is wrong with it.
pub(super) fn compile(
    contract: Arc<Contract>,
    mut findings: Vec<Finding>,
    form: Form,
    lint: String,
    terminal: Option<Terminal>,
) {
    let work = move || {
        findings.extend(contract.findings());
        findings.extend(unsatisfiable(&contract));
        gravest_first(&mut findings);
        let Some(mut terminal) = terminal.filter(|_| !findings.is_empty()) else { return };
        if form == Form::Json {
            findings.iter().take(FINDINGS).for_each(|finding| terminal.line(&report::finding(finding).to_string()));
            return;
        }
        let mut text = Text::from(format!("{} in the document or its scenarios\n", Counts::of(&findings)));
        text.append(report::list(&findings, FINDINGS, &lint));
        terminal.text(&text);
    };
    // Without a thread each operation is compiled when it is first called, which is only slower.
    let _ = std::thread::Builder::new().name("compile".to_owned()).spawn(work);
}

/// How `--fail` is written.
const FAIL: &str = "write `10%=502`, `10%=reset`, or several: `10%=502,1%=504`";

/// `--delay` and `--fail`, read.
pub(super) struct Flags {
    delay: Option<Delay>,
    fail: Vec<(Fail, Chance)>,
}

impl Flags {
    /// # Errors
    /// When one of them cannot be understood.
    pub(super) fn read(args: &MockArgs) -> Result<Flags, Failure> {
        let wrong =
            |flag: &str, (sentence, help): (String, String)| Failure::usage(format!("{flag}: {sentence}")).help(help);
        let delay = args.delay.as_deref().map(Delay::parse).transpose().map_err(|error| wrong("--delay", error))?;
        let mut fail = Vec::new();
        for part in args.fail.iter().flat_map(|shares| shares.split(',')) {
            let Some((share, how)) = part.split_once('=').map(|(share, how)| (share.trim(), how.trim())) else {
                let failure = Failure::usage(format!("--fail: `{part}` is no share of the calls with what they get"));
                return Err(failure.help(FAIL));
            };
            let chance = Chance::parse(share).map_err(|error| wrong("--fail", error))?;
            fail.push((Flags::failing(part, how)?, chance));
        }
        Ok(Flags { delay, fail })
    }

    /// A status, or a fault on the wire.
    fn failing(part: &str, how: &str) -> Result<Fail, Failure> {
        if how.bytes().all(|byte| byte.is_ascii_digit()) {
            let status = how.parse().ok().filter(|status| (200..=599).contains(status));
            return status
                .map(Fail::Status)
                .ok_or_else(|| Failure::usage(format!("--fail: `{part}` names no status of an answer")).help(FAIL));
        }
        let fault = Fault::parse(how).map(Fail::Fault);
        fault.map_err(|(sentence, help)| Failure::usage(format!("--fail: {sentence}")).help(help))
    }

    /// Activates the scenario that the flags stand for, after all others, and returns its YAML.
    ///
    /// # Errors
    /// When the contract has no such answers.
    pub(super) fn activate(&self, scenarios: &mut Scenarios, contract: &Contract) -> Result<Option<String>, Failure> {
        if self.delay.is_none() && self.fail.is_empty() {
            return Ok(None);
        }
        let (scenario, yaml, findings) = Scenario::everywhere(FLAGS, self.delay, &self.fail, contract);
        scenarios.activate((scenario, findings), FLAGS)?;
        Ok(Some(yaml))
    }
}

pub(super) fn options(args: &MockArgs, plan: &Plan) -> Options {
    Options {
        seed: plan.seed,
        seed_for_all: plan.seed_given,
        now: plan.now,
        credentials: !args.no_auth,
        cors: !args.no_cors,
        plain: args.plain,
        dynamic: args.dynamic,
        examples: match args.examples {
            ExamplesAs::Repair => Examples::Repair,
            ExamplesAs::AsIs => Examples::AsIs,
        },
        require_session: args.require_session,
        sessions: args.sessions as usize,
        session_idle: args.session_idle,
        admin_prefix: args.admin_prefix.clone(),
        // What is kept follows from the document, too.
        stateful: None,
    }
}

fn settings(args: &MockArgs, plan: &Plan, contract: &Contract, err: &Terminal) -> Result<Settings, Failure> {
    let quiet = Settings::quiet(contract, &random_key());
    let format = match plan.log {
        Form::Pretty if plan.quiet => Format::Off,
        Form::Pretty => Format::Pretty { colour: err.is_coloured() },
        Form::Json => Format::Json,
        Form::Off => Format::Off,
    };
    let exchanges = format!("{}/exchanges", args.admin_prefix);
    let log = Log::start(format, err.clone(), quiet.redactor.clone(), Some(exchanges));
    let recorder = args.record.as_deref().map(|path| {
        let file = Recorder::open(path).map_err(|error| unrecorded(&error))?;
        let started = Recorder::start(file, path.display().to_string(), quiet.redactor.clone(), log.clone());
        started.map_err(|error| Failure::new(Exit::Unreachable, format!("cannot record: {error}")))
    });
    let admin_token = args.admin_token.as_deref().map(Arc::from);
    Ok(Settings { log, recorder: recorder.transpose()?, admin_token, ..quiet })
}

fn unbound(error: &BindError) -> Failure {
    Failure::new(Exit::Unreachable, error.to_string()).help(error.help())
}

fn unrecorded(error: &RecordError) -> Failure {
    Failure::new(Exit::Unreachable, error.to_string()).help(error.help())
}

fn is_loopback(listeners: &[TcpListener]) -> bool {
    listeners.iter().all(|listener| listener.local_addr().is_ok_and(|address| address.ip().is_loopback()))
}

/// The base URL: `localhost` where that reaches it, else the host as it was given.
fn url(host: &str, listeners: &[TcpListener]) -> String {
    let port = listeners.iter().find_map(|listener| listener.local_addr().ok()).map_or(0, |address| address.port());
    let host = host.trim_start_matches('[').trim_end_matches(']');
    // Loopback has more addresses than the one that `localhost` means.
    let named = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    match host.parse::<IpAddr>() {
        Ok(address) if named.contains(&address) || address.is_unspecified() => format!("http://localhost:{port}"),
        Ok(IpAddr::V6(address)) => format!("http://[{address}]:{port}"),
        _ => format!("http://{host}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Flags, url};
    use crate::cli::args::{Command, Line};

    fn flags(line: &str) -> Result<(bool, usize), String> {
        let words = ["standin", "mock"].into_iter().chain(line.split_whitespace());
        let Command::Mock(args) = Line::parse_from(words).command else { return Err("no mock".to_owned()) };
        let flags = Flags::read(&args).map_err(|failure| failure.text().to_string())?;
        Ok((flags.delay.is_some(), flags.fail.len()))
    }

    #[test]
    fn the_base_url_says_localhost_where_that_leads_there() {
        let said = |host: &str| url(host, &[]);
        for host in ["localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0", "::"] {
            assert_eq!(said(host), "http://localhost:0", "{host}");
        }
        assert_eq!(said("127.0.0.2"), "http://127.0.0.2:0");
        assert_eq!(said("2001:db8::1"), "http://[2001:db8::1]:0");
        assert_eq!(said("mock.example"), "http://mock.example:0");
    }

    #[test]
    fn delays_and_failures_are_read_or_refused_with_the_form_meant() {
        assert_eq!(flags(""), Ok((false, 0)));
        assert_eq!(flags("--delay 200ms..2s --fail 10%=502,1%=504"), Ok((true, 2)));
        assert_eq!(flags("--fail 10%=reset,5%=empty,1%=hang,2%=truncate:40%,1%=504"), Ok((false, 5)));
        insta::assert_snapshot!(flags("--fail 10").unwrap_err(), @r"
        error: --fail: `10` is no share of the calls with what they get
        help: write `10%=502`, `10%=reset`, or several: `10%=502,1%=504`
        ");
        insta::assert_snapshot!(flags("--fail 10%=42").unwrap_err(), @r"
        error: --fail: `10%=42` names no status of an answer
        help: write `10%=502`, `10%=reset`, or several: `10%=502,1%=504`
        ");
        insta::assert_snapshot!(flags("--fail 10%=rset").unwrap_err(), @r"
        error: --fail: `rset` is no fault
        help: did you mean `reset`?
        ");
        insta::assert_snapshot!(flags("--fail 10%=garbage").unwrap_err(), @r"
        error: --fail: `garbage` is a fault that this version does not carry out yet
        help: it knows `reset`, `empty`, `hang` and `truncate:40%`
        ");
        insta::assert_snapshot!(flags("--fail 10%=truncate:40").unwrap_err(), @r"
        error: --fail: `40` has no `%`
        help: write `40%`
        ");
        for wrong in
            ["--delay soon", "--delay 2s..1s", "--fail 110%=502", "--fail 10%=", "--fail 10%=101", "--fail 10%=502,"]
        {
            assert!(flags(wrong).unwrap_err().starts_with("error: --"), "{wrong}");
        }
    }
}
