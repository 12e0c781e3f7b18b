//! The book-keeping of a batch: what is to be asked, what is under way, what is answered.
//!
//! A browser that goes down takes no case with it: whatever has no answer is asked again. When it
//! goes down a second time, the cases that were under way are asked one at a time, so that the one
//! that does it can be told from those that were only near.

use std::collections::VecDeque;
use std::sync::Arc;

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::subject::Asked;

use super::askable;
use super::join::{self, Joined};
use crate::origin_server::{Desk, Pace, Ticket};

/// How often a case may be left unfinished.
const MAX_UNFINISHED: u8 = 2;

/// One call of `fetch_all`.
pub(super) struct Run {
    cases: Vec<Arc<UserAgentCase>>,
    answers: Vec<Option<Asked>>,
    unfinished: Vec<u8>,
    to_ask: VecDeque<usize>,
    suspects: VecDeque<usize>,
    under_way: Vec<(usize, Ticket)>,
    alone: bool,
    losses: u32,
}

impl Run {
    pub(super) fn new(cases: &[UserAgentCase]) -> Self {
        let answers: Vec<_> = cases
            .iter()
            .map(|case| askable::obstacle(case).map(|reason| Asked::Inconclusive { reason }))
            .collect();
        let mut to_ask: Vec<_> = answers
            .iter()
            .zip(cases)
            .enumerate()
            .filter_map(|(index, (answer, case))| answer.is_none().then_some((index, case)))
            .collect();
        // One page origin after the other: its frame costs about as much as a case.
        to_ask.sort_by_key(|(_, case)| &case.page_origin);
        Self {
            cases: cases.iter().cloned().map(Arc::new).collect(),
            unfinished: vec![0; cases.len()],
            answers,
            to_ask: to_ask.into_iter().map(|(index, _)| index).collect(),
            suspects: VecDeque::new(),
            under_way: Vec::new(),
            alone: false,
            losses: 0,
        }
    }

    /// Whether everything is answered.
    pub(super) fn is_done(&self) -> bool {
        self.under_way.is_empty() && self.to_ask.is_empty() && self.suspects.is_empty()
    }

    /// Hands out what the window has room for; says how many may be left before it is called again.
    pub(super) fn hand_out(
        &mut self,
        desk: &Desk,
        pace: Pace,
        batch: usize,
    ) -> Result<usize, serde_json::Error> {
        if self.suspects.is_empty() {
            self.alone = false;
        }
        if !self.suspects.is_empty() && self.under_way.is_empty() {
            self.alone = true;
            let suspect: Vec<_> = self.suspects.pop_front().into_iter().collect();
            self.start(&suspect, desk, pace)?;
        }
        while !self.alone && !self.to_ask.is_empty() && self.under_way.len() <= batch {
            let next: Vec<_> = self.to_ask.drain(..batch.min(self.to_ask.len())).collect();
            self.start(&next, desk, pace)?;
        }
        Ok(if self.alone || self.to_ask.is_empty() { 0 } else { batch })
    }

    fn start(
        &mut self,
        indices: &[usize],
        desk: &Desk,
        pace: Pace,
    ) -> Result<(), serde_json::Error> {
        let cases: Vec<_> =
            indices.iter().filter_map(|index| self.cases.get(*index)).cloned().collect();
        let tickets = desk.hand_out(&cases, pace)?;
        self.under_way.extend(indices.iter().copied().zip(tickets));
        Ok(())
    }

    /// Takes in what is settled.
    pub(super) fn harvest(&mut self, desk: &Desk) {
        for (index, ticket) in std::mem::take(&mut self.under_way) {
            if desk.is_settled(&ticket) {
                self.take_in(index, &ticket, desk);
            } else {
                self.under_way.push((index, ticket));
            }
        }
    }

    /// The browser is gone: whatever is not settled will be asked again.
    pub(super) fn lose(&mut self, desk: &Desk, how: &str) {
        self.harvest(desk);
        self.losses += 1;
        let lost = std::mem::take(&mut self.under_way);
        for (_, ticket) in &lost {
            desk.take_back(ticket);
        }
        if self.alone {
            for (index, _) in lost {
                self.settle(index, format!("the browser went down while it ran this alone: {how}"));
            }
        } else if self.losses > 1 {
            self.suspects.extend(lost.into_iter().map(|(index, _)| index));
        } else {
            lost.into_iter().rev().for_each(|(index, _)| self.to_ask.push_front(index));
        }
    }

    /// How often the browser went down.
    pub(super) fn losses(&self) -> u32 {
        self.losses
    }

    /// Gives up on what is not answered yet.
    pub(super) fn abandon(&mut self, reason: &str) {
        let left: Vec<_> = self.to_ask.drain(..).chain(self.suspects.drain(..)).collect();
        for index in left {
            self.settle(index, reason.to_owned());
        }
    }

    /// The answers, in the order of the cases.
    pub(super) fn into_answers(self) -> Vec<Asked> {
        let missing = || Asked::Inconclusive { reason: "it was never asked".to_owned() };
        self.answers.into_iter().map(|answer| answer.unwrap_or_else(missing)).collect()
    }

    fn take_in(&mut self, index: usize, ticket: &Ticket, desk: &Desk) {
        let joined =
            self.cases.get(index).and_then(|case| join::join(case, desk.take_back(ticket)?));
        match joined {
            Some(Joined::Answer(answer)) => {
                if let Some(slot) = self.answers.get_mut(index) {
                    *slot = Some(answer);
                }
            }
            Some(Joined::Unfinished) | None => self.ask_again(index),
        }
    }

    fn ask_again(&mut self, index: usize) {
        let Some(times) = self.unfinished.get_mut(index) else {
            return;
        };
        *times += 1;
        if *times < MAX_UNFINISHED {
            self.to_ask.push_back(index);
        } else {
            let times = *times;
            self.settle(index, format!("it did not finish in time, {times} times over"));
        }
    }

    fn settle(&mut self, index: usize, reason: String) {
        if let Some(slot) = self.answers.get_mut(index) {
            *slot = Some(Asked::Inconclusive { reason });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin_server::OriginServer;

    const PACE: Pace = Pace { concurrency: 1, frames: 1, case_timeout_ms: 1 };

    fn cases(count: usize) -> Vec<UserAgentCase> {
        let case = |index| {
            serde_json::from_value(serde_json::json!({
                "id": format!("c{index}"), "page_origin": "https://a.example", "hops": [],
                "request": {"url": "https://b.example/", "method": "GET", "headers": [],
                            "credentials": "omit", "mode": "cors"},
            }))
            .unwrap()
        };
        (0..count).map(case).collect()
    }

    fn settle(desk: &Desk, run: &Run, outcome: &str) {
        let results = run
            .under_way
            .iter()
            .map(|(_, t)| serde_json::json!({"ticket": t.token(), "outcome": outcome}));
        desk.settle(serde_json::from_value(results.collect()).unwrap());
    }

    fn reason(answer: &Asked) -> &str {
        match answer {
            Asked::Inconclusive { reason } => reason,
            Asked::Observed(observation) => panic!("{observation:?}"),
        }
    }

    #[test]
    fn a_case_left_unfinished_twice_is_inconclusive() {
        let server = OriginServer::start().unwrap();
        let mut run = Run::new(&cases(1));
        for _ in 0..2 {
            assert!(!run.is_done());
            run.hand_out(server.desk(), PACE, 10).unwrap();
            settle(server.desk(), &run, "unfinished");
            run.harvest(server.desk());
        }
        assert!(run.is_done());
        assert!(reason(&run.into_answers()[0]).contains("2 times over"));
    }

    #[test]
    fn the_case_that_takes_the_browser_down_is_told_from_its_neighbours() {
        const CULPRIT: usize = 1;
        let server = OriginServer::start().unwrap();
        let mut run = Run::new(&cases(3));
        while !run.is_done() {
            run.hand_out(server.desk(), PACE, 10).unwrap();
            if run.under_way.iter().any(|(index, _)| *index == CULPRIT) {
                run.lose(server.desk(), "killed");
            } else {
                settle(server.desk(), &run, "block");
                run.harvest(server.desk());
            }
        }
        assert_eq!(run.losses(), 3);
        let answers = run.into_answers();
        assert!(reason(&answers[CULPRIT]).contains("alone"));
        assert!(matches!(answers[0], Asked::Observed(_)));
        assert!(matches!(answers[2], Asked::Observed(_)));
    }
}
