//! What is asked of a server once, beside its cases: policies that nobody can use, and requests
//! that are made to cost.

use std::time::{Duration, Instant};

use corsproof_conform::drive::drive;
use corsproof_conform::judge::cost::{Curve, Shape};
use corsproof_conform::judge::finding::Finding;
use corsproof_conform::judge::unusable::{Trap, traps};
use corsproof_conform::observe::WireRequest;
use corsproof_conform::page::Page;
use corsproof_conform::policy::{Policy, RawOrigins, RawPolicy, Tokens};
use corsproof_conform::subject::{Mount, Server, SubjectError, Support};

/// The findings over policies that nobody can use.
///
/// # Errors
/// When the subject broke.
pub fn unusable(server: &mut dyn Server) -> Result<Vec<Finding>, SubjectError> {
    let mut findings = Vec::new();
    for trap in traps() {
        if let Support::Mounted(mount) = server.configure_raw(&trap.policy)? {
            let understood = understands(server, &mount, &trap);
            server.release(&mount);
            findings.extend(trap.judge(understood?));
        }
    }
    Ok(findings)
}

fn understands(server: &mut dyn Server, mount: &Mount, trap: &Trap) -> Result<bool, SubjectError> {
    let Some(call) = trap.probe() else { return Ok(false) };
    let Some(policy) = policy_of(&trap.policy) else { return Ok(false) };
    let Ok(bound) = call.bind(&policy, 0) else { return Ok(false) };
    let observed = drive(server, mount, &policy, std::slice::from_ref(&bound))?;
    let readable = Page::of(&bound)
        .zip(observed.calls.first())
        .is_some_and(|(page, exchanges)| page.browse(exchanges).exposed_headers.is_some());
    Ok(readable)
}

/// Any policy will do to bind a literal call.
fn policy_of(raw: &RawPolicy) -> Option<Policy> {
    Policy::try_from(RawPolicy {
        origins: RawOrigins::any(),
        methods: Tokens::any(),
        request_headers: Tokens::any(),
        ..raw.clone()
    })
    .ok()
}

/// The sizes that are measured, in bytes; servers end it earlier by refusing long heads.
const SIZES: [usize; 8] = [256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10];

/// The least of so many exchanges counts.
const ATTEMPTS: u32 = 7;

/// Longest time that one shape is given.
const SHAPE_TIME: Duration = Duration::from_secs(10);

const ORIGIN: &str = "https://app.example";
const ALLOWED: &str = "x-a";

/// How the time of answers grows, a curve a shape; none where the server takes no such policy.
///
/// # Errors
/// When the subject broke.
pub fn cost(server: &mut dyn Server) -> Result<Vec<Curve>, SubjectError> {
    let Some(policy) = costly_policy() else { return Ok(Vec::new()) };
    let Support::Mounted(mount) = server.configure(&policy)? else { return Ok(Vec::new()) };
    let curves = Shape::ALL.map(|shape| measure(server, &mount, shape));
    server.release(&mount);
    Ok(curves.into())
}

fn measure(server: &mut dyn Server, mount: &Mount, shape: Shape) -> Curve {
    let started = Instant::now();
    let mut curve = Curve { shape, points: Vec::new(), ended: None };
    for size in SIZES {
        let request = WireRequest {
            method: "OPTIONS".into(),
            target: "/plain".into(),
            headers: shape.headers(size, ORIGIN, ALLOWED),
            body: false,
            http2: false,
        };
        let mut least = f64::INFINITY;
        for _ in 0..ATTEMPTS {
            let sent = Instant::now();
            match server.exchange(mount, &request) {
                Ok(answer) if matches!(answer.status, 413 | 414 | 431) => {
                    curve.ended = Some(format!("status {} at {size} B", answer.status));
                    return curve;
                }
                Ok(_) => least = least.min(sent.elapsed().as_secs_f64() * 1e6),
                Err(error) => {
                    curve.ended = Some(format!("{error} at {size} B"));
                    return curve;
                }
            }
            if started.elapsed() > SHAPE_TIME {
                curve.ended = Some(format!("{} s are over at {size} B", SHAPE_TIME.as_secs()));
                break;
            }
        }
        curve.points.push((size, least));
        if curve.ended.is_some() {
            break;
        }
    }
    curve
}

/// One origin, one header: what a preflight asks for has to be compared.
fn costly_policy() -> Option<Policy> {
    let raw = RawPolicy {
        origins: RawOrigins::list([ORIGIN]),
        methods: Tokens::list(["GET", "PUT"]),
        request_headers: Tokens::list([ALLOWED]),
        expose_headers: Tokens::none(),
        credentials: false,
        max_age: None,
        private_network: false,
        paths: Vec::new(),
    };
    Policy::try_from(raw).ok()
}
