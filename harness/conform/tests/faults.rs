//! The judge against a server that is right and servers that are wrong on purpose.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use corsproof_conform::drive::drive;
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::server::nth;
use corsproof_conform::judge::finding::Finding;
use corsproof_conform::judge::server::judge;
use corsproof_conform::reference::{Fault, ReferenceServer};
use corsproof_conform::server_case::ServerCase;
use corsproof_conform::shrink::{Shrink as _, shrink};
use corsproof_conform::subject::{ServerAdapter as _, Support};

const CASES: u64 = 3_000;

fn findings(fault: Option<Fault>, case: &ServerCase) -> Vec<Finding> {
    let mut server = ReferenceServer::new(fault);
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
        let found = findings(None, &case);
        assert!(found.is_empty(), "{}\n{found:#?}", serde_json::to_string_pretty(&case).unwrap());
    }
}

#[test]
fn each_fault_is_found_by_its_rule_and_shrinks() {
    for (fault, rule) in Fault::ALL {
        let hit = cases().find_map(|case| {
            let finding = findings(Some(fault), &case).into_iter().find(|f| f.rule == rule)?;
            Some((case, finding))
        });
        let Some((case, finding)) = hit else {
            panic!("{fault:?} is not found by {rule} in {CASES} cases")
        };
        let fails = |candidate: &ServerCase| {
            findings(Some(fault), candidate).iter().any(|f| f.signature() == finding.signature())
        };
        let (smallest, _) = shrink(case.clone(), fails);
        assert!(fails(&smallest), "{fault:?}: the shrunk case does not fail");
        assert!(smallest.weight() <= case.weight());
        let most = if rule.starts_with("vary-origin-missing") { 2 } else { 1 };
        assert!(
            smallest.calls.len() <= most,
            "{fault:?}: {}",
            serde_json::to_string_pretty(&smallest).unwrap()
        );
        assert!(findings(None, &smallest).is_empty(), "{fault:?}: the vector fails the reference");
    }
}
