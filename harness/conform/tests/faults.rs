//! The judge against a server that is right.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use corsproof_conform::drive::drive;
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::server::nth;
use corsproof_conform::judge::finding::Finding;
use corsproof_conform::judge::server::judge;
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::server_case::ServerCase;
use corsproof_conform::subject::{ServerAdapter as _, Support};

const CASES: u64 = 3_000;

fn findings(case: &ServerCase) -> Vec<Finding> {
    let mut server = ReferenceServer::default();
    let Ok(Support::Mounted(mount)) = server.configure(&case.policy) else { return Vec::new() };
    let Ok(calls) = case.bind() else { return Vec::new() };
    let observed = drive(&mut server, &mount, &case.policy, &calls).unwrap();
    judge(case, &observed).unwrap()
}

fn cases() -> impl Iterator<Item = ServerCase> {
    let capabilities = ReferenceServer::default().capabilities().clone();
    (0..CASES).map(move |index| nth(1, Preset::Mixed, &capabilities, index))
}

#[test]
fn the_reference_server_conforms() {
    for case in cases() {
        let found = findings(&case);
        assert!(found.is_empty(), "{}\n{found:#?}", serde_json::to_string_pretty(&case).unwrap());
    }
}
