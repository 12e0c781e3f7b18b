//! What is sent again is what was sent.

use corsproof_conform::drive::drive;
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::server::nth;
use corsproof_conform::subject::Support;

use super::{BareClient, Load, Tape};
use crate::embedded;

#[test]
fn the_bare_client_gets_an_answer_to_almost_everything_that_the_judge_sent() {
    let mut server = embedded::start("tower-http").unwrap();
    let (mut requests, mut answered, mut overlapping, mut over_http2) = (0, 0, 0, 0);
    for index in 0..400 {
        let case = nth(3, Preset::Mixed, server.capabilities(), index);
        let Support::Mounted(mount) = server.configure(&case.policy).unwrap() else { continue };
        let mut tape = Tape::new(&mut *server);
        let observed = drive(&mut tape, &mount, &case.policy, &case.bind().unwrap()).unwrap();
        let rounds = tape.into_rounds();
        let count = rounds.iter().map(Vec::len).sum::<usize>();
        let exchanges = observed.calls.iter().map(Vec::len).sum::<usize>();
        assert!(count >= exchanges + observed.executed.len(), "{}", case.id);
        overlapping += rounds.iter().filter(|round| round.len() > 1).count();
        over_http2 += rounds.iter().flatten().filter(|request| request.http2).count();
        let sent =
            BareClient::new(&mount.base).unwrap().send(Load::of(&mount.base, &rounds).unwrap());
        requests += count;
        answered += usize::try_from(sent.unwrap().answered).unwrap();
        server.release(&mount);
    }
    assert!(answered * 100 >= requests * 98, "{answered} of {requests}");
    assert!(overlapping > 5 && over_http2 > 0, "{overlapping} {over_http2}");
}
