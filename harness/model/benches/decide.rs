//! What one decision costs, trace included, next to what cloning its ingredients costs.
//!
//! Each figure stands beside a baseline that clones the same request and responses and decides
//! nothing: the difference is the model's own.

#![allow(missing_docs, reason = "macros of criterion make public items")]

use std::hint::black_box;
use std::time::Duration;

use corsproof_model::{
    Environment, HeaderList, Network, NetworkError, NetworkRequest, Origin, PreflightCache,
    Request, RequestInit, Response, UserAgent, construct, fetch,
};
use criterion::{Criterion, criterion_group, criterion_main};

struct Scripted {
    preflight: Response,
    actual: Response,
}

impl Network for Scripted {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        Ok(if request.preflight { self.preflight.clone() } else { self.actual.clone() })
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

fn request(method: &[u8], headers: &[(&[u8], &[u8])]) -> Option<Request> {
    let origin = Origin::parse_serialized("https://app.example")?;
    let mut init = RequestInit::get("https://api.example/data?page=1");
    init.method = method.to_vec();
    init.headers = headers.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    construct(&UserAgent::spec(), &Environment::new(origin), &init).ok()
}

fn decide(criterion: &mut Criterion) {
    let agent = UserAgent::spec();
    let mut network = Scripted {
        preflight: Response::new(
            204,
            HeaderList::from_lines([
                ("Access-Control-Allow-Origin", "https://app.example"),
                ("Access-Control-Allow-Methods", "GET, PUT"),
                ("Access-Control-Allow-Headers", "content-type, x-a"),
            ]),
        ),
        actual: Response::new(
            200,
            HeaderList::from_lines([
                ("Content-Type", "application/json"),
                ("Access-Control-Allow-Origin", "https://app.example"),
            ]),
        ),
    };
    let cases = [
        ("simple GET", request(b"GET", &[])),
        (
            "preflighted PUT",
            request(b"PUT", &[(b"Content-Type", b"application/json"), (b"X-A", b"1")]),
        ),
    ];
    for (name, request) in cases {
        let Some(request) = request else { continue };
        let mut group = criterion.benchmark_group(name);
        group.bench_function("baseline", |bencher| {
            bencher.iter(|| black_box((request.clone(), network.actual.clone())));
        });
        group.bench_function("decide", |bencher| {
            bencher.iter(|| {
                let mut cache = PreflightCache::default();
                black_box(fetch(&agent, &mut cache, &mut network, request.clone()))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, decide);
criterion_main!(benches);
