//! `corsproof bench`: rates, each as a ratio to a baseline measured in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use clap::Args;
use corsproof_conform::drive::{drive, play};
use corsproof_conform::encode::{self, ScriptedNetwork};
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::{server as generate_server, user_agent as generate};
use corsproof_conform::judge::server::judge_played;
use corsproof_conform::server_case::ServerCase;
use corsproof_conform::subject::{Asked, Server, Support, UserAgent as _};
use corsproof_model::{
    Environment, HeaderList, Network, NetworkError, NetworkRequest, Origin, PreflightCache,
    Request, RequestInit, Response, UserAgent, construct, fetch,
};

use super::CommandError;
use crate::bench_baseline::hyper_loop;
use crate::bench_replay::{BareClient, Load, Tape};
use crate::browser::{Browser, Options};
use crate::chrome::Chrome;
use crate::embedded;
use crate::exit::Exit;

/// Arguments of `corsproof bench`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Seconds that each measurement takes.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
}

/// The page whose cases the browser is measured on.
const BENCH_PAGE: &str = "https://app.example";

/// The seed of what is measured.
const SEED: u64 = 1;

/// Measures and prints.
///
/// # Errors
/// When a subject does not start or breaks.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let time = Duration::from_secs(arguments.seconds.clamp(1, 600));
    decisions(time);
    model(time);
    server(time)?;
    match Chrome::find() {
        Ok(_) => browser(time)?,
        Err(missing) => println!("chromium: {missing}"),
    }
    Ok(Exit::Conforms)
}

/// Runs passes until the time is over; work done a second.
fn rate(time: Duration, mut pass: impl FnMut() -> u64) -> f64 {
    pass();
    let started = Instant::now();
    let mut done = 0;
    while started.elapsed() < time {
        done += pass();
    }
    done as f64 / started.elapsed().as_secs_f64()
}

/// Two servers that answer at once.
struct Prepared {
    preflight: Response,
    actual: Response,
}

impl Network for Prepared {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        Ok(if request.preflight { self.preflight.clone() } else { self.actual.clone() })
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// Single decisions, traces included, on one core; URLs are parsed beforehand.
fn decisions(time: Duration) {
    let agent = UserAgent::spec();
    let preflight = HeaderList::from_lines([
        ("Access-Control-Allow-Origin", BENCH_PAGE),
        ("Access-Control-Allow-Methods", "GET, PUT"),
        ("Access-Control-Allow-Headers", "content-type, x-a"),
    ]);
    let actual = HeaderList::from_lines([
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Origin", BENCH_PAGE),
    ]);
    let mut network =
        Prepared { preflight: Response::new(204, preflight), actual: Response::new(200, actual) };
    let request = |method: &str, lines: &[(&str, &str)]| {
        let mut init = RequestInit::get("https://api.example/data?page=1");
        init.method = method.into();
        init.headers =
            lines.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let page = Environment::new(Origin::parse_serialized(BENCH_PAGE)?);
        construct(&agent, &page, &init).ok()
    };
    let put = [("Content-Type", "application/json"), ("X-A", "1")];
    for (name, request) in
        [("simple GET", request("GET", &[])), ("preflighted PUT", request("PUT", &put))]
    {
        let Some(request) = request else { continue };
        let baseline = rate(time, || {
            for _ in 0..1_000 {
                black_box((request.clone(), network.actual.clone()));
            }
            1_000
        });
        let decided = rate(time, || {
            for _ in 0..1_000 {
                let mut cache = PreflightCache::default();
                black_box(fetch(&agent, &mut cache, &mut network, request.clone()));
            }
            1_000
        });
        println!(
            "model, {name}: {decided:.0} decisions/s; copying request and response alone: {baseline:.0}/s; ratio {:.3}",
            decided / baseline
        );
    }
}

fn model(time: Duration) {
    let agent = UserAgent::spec();
    let prepared: Vec<(Request, corsproof_conform::case::UserAgentCase)> = (0..2_000)
        .filter_map(|index| {
            let case = generate::nth(SEED, Preset::Mixed, index);
            let environment = encode::environment(&case.page_origin).ok()?;
            let init = encode::request_init(&case.request).ok()?;
            Some((construct(&agent, &environment, &init).ok()?, case))
        })
        .collect();
    let count = prepared.len() as u64;
    let baseline = rate(time, || {
        for (request, case) in &prepared {
            black_box((request.clone(), case));
        }
        count
    });
    let decisions = rate(time, || {
        for (request, case) in &prepared {
            let mut network = ScriptedNetwork::new(&case.hops, Duration::ZERO);
            let mut cache = PreflightCache::default();
            black_box(fetch(&agent, &mut cache, &mut network, request.clone()));
        }
        count
    });
    println!(
        "model: {decisions:.0} decisions/s over {count} generated cases; a no-op over the same: {baseline:.0}/s; ratio {:.3}",
        decisions / baseline
    );
}

fn server(time: Duration) -> Result<(), CommandError> {
    for name in embedded::names() {
        let mut subject = embedded::start(name)?;
        let measured = judged_and_bare(subject.as_mut(), time)?;
        let per_second = |count: u64| count as f64 / measured.judged.as_secs_f64();
        let bare = measured.answered as f64 / measured.bare.as_secs_f64();
        let one = hyper_loop(&measured.base, time, 1)?;
        println!(
            "{name}: {:.0} judged requests/s ({:.0} cases/s), {:.0}/s with the reading of counters; all these by a bare hyper client: {bare:.0}/s; ratio {:.2} (it left out {} of {}; one simple GET again and again: {one:.0}/s)",
            per_second(measured.exchanges),
            per_second(measured.cases),
            per_second(measured.requests),
            per_second(measured.requests) / bare,
            measured.left_out,
            measured.requests,
        );
    }
    Ok(())
}

/// The same cases, judged and sent bare.
#[derive(Default)]
struct Measured {
    cases: u64,
    /// Exchanges of theirs.
    exchanges: u64,
    /// Requests that were sent for them: those, and what read counters.
    requests: u64,
    /// How long making, sending and judging them took, policies included.
    judged: Duration,
    /// How many of the requests the bare client got an answer to.
    answered: u64,
    /// And how many not, or could not send.
    left_out: u64,
    /// How long that took.
    bare: Duration,
    /// The base of a policy that stays mounted.
    base: String,
}

/// Judges blocks of cases, and sends what each block put on the wire again, in turn: what disturbs
/// the machine then disturbs both.
fn judged_and_bare(subject: &mut dyn Server, time: Duration) -> Result<Measured, CommandError> {
    let mut measured = Measured::default();
    let mut client = None;
    let mut block = 0;
    while measured.judged < time || client.is_none() {
        let started = Instant::now();
        let cases = cases_of(subject, block);
        let Some(first) = cases.first() else { return Ok(measured) };
        let support = subject.configure(&first.policy)?;
        block += 1;
        let Support::Mounted(mount) = &support else { continue };
        for case in &cases {
            let Ok(calls) = case.bind() else { continue };
            let (observed, played) = play(subject, mount, &case.policy, calls)?;
            measured.exchanges += observed.calls.iter().map(|c| c.len() as u64).sum::<u64>();
            black_box(judge_played(case, &observed, played));
            measured.cases += 1;
        }
        measured.judged += started.elapsed();
        // Once more, to see what was sent.
        let mut tape = Tape::new(subject);
        for case in &cases {
            let Ok(calls) = case.bind() else { continue };
            drive(&mut tape, mount, &case.policy, &calls)?;
        }
        let rounds = tape.into_rounds();
        measured.requests += rounds.iter().map(|round| round.len() as u64).sum::<u64>();
        let client = match &mut client {
            Some(client) => client,
            None => client.insert(BareClient::new(&mount.base)?),
        };
        let load = Load::of(&mount.base, &rounds)?;
        measured.left_out += load.unsendable;
        let started = Instant::now();
        let sent = client.send(load)?;
        measured.bare += started.elapsed();
        measured.answered += sent.answered;
        measured.left_out += sent.unanswered;
        if measured.base.is_empty() {
            measured.base.clone_from(&mount.base);
        } else {
            subject.release(mount);
        }
    }
    Ok(measured)
}

/// The cases of a block, which share a policy.
fn cases_of(subject: &dyn Server, block: u64) -> Vec<ServerCase> {
    let first = block * generate_server::CASES_PER_POLICY;
    let numbers = first..first + generate_server::CASES_PER_POLICY;
    let case = |n| generate_server::nth(SEED, Preset::Mixed, subject.capabilities(), n);
    numbers.map(case).collect()
}

fn browser(time: Duration) -> Result<(), CommandError> {
    let mut chrome = Browser::launch(Chrome::find()?, Options::default())?;
    // One page for both: a driver that asks one by one would otherwise spend its time on
    // navigating, and that is not what is compared.
    let mut pool = (0..).map(|index| generate::nth(SEED, Preset::Mixed, index));
    let mut next = |count: usize| {
        pool.by_ref().filter(|case| case.page_origin == BENCH_PAGE).take(count).collect()
    };
    // A few thousand fetches warm the browser up.
    let warm_up: Vec<_> = next(2_000);
    chrome.fetch_all(&warm_up)?;
    let mut broken = None;
    let batched = rate(time, || {
        let cases: Vec<_> = next(500);
        match chrome.fetch_all(&cases) {
            Ok(answers) => observed(&answers),
            Err(error) => {
                broken = Some(error);
                1
            }
        }
    });
    if let Some(error) = broken {
        return Err(error.into());
    }
    let few: Vec<_> = next(10 * usize::try_from(time.as_secs()).unwrap_or(1));
    let started = Instant::now();
    let answers = chrome.fetch_one_by_one(&few)?;
    let single = observed(&answers) as f64 / started.elapsed().as_secs_f64();
    println!(
        "chromium: {batched:.0} cases/s in batches; one evaluation a case on the same page: {single:.1}/s; ratio {:.0}",
        batched / single
    );
    Ok(())
}

fn observed(answers: &[Asked]) -> u64 {
    answers.iter().filter(|answer| matches!(answer, Asked::Observed(_))).count() as u64
}
