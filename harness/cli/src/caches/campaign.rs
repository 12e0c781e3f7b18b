//! Sequences against one subject through one cache: each asked of the server itself, then through
//! the cache, and compared.

use corsproof_conform::drive::{ServerObservation, drive};
use corsproof_conform::generate::shared_cache::nth;
use corsproof_conform::judge::through_cache::{Shared, judge};
use corsproof_conform::known::{Known, KnownFile, glob};
use corsproof_conform::server_case::{ServerCall, ServerCase};
use corsproof_conform::subject::{Mount, Server, SubjectError, Support};

use super::error::CacheError;
use super::front::Front;
use super::program::Cache;
use super::tally::Tally;

/// Runs so many sequences.
///
/// # Errors
/// When the subject or the cache broke.
pub fn run(
    server: &mut dyn Server,
    known: &KnownFile,
    cache: &Cache,
    seed: u64,
    sequences: u64,
) -> Result<Tally, CacheError> {
    let mut campaign =
        Campaign { server, known, cache, front: None, mounted: None, tally: Tally::default() };
    let outcome = (0..sequences).try_for_each(|index| {
        let case = nth(seed, campaign.server.capabilities(), index);
        campaign.ask(&case)
    });
    campaign.unmount();
    outcome.map(|()| campaign.tally)
}

struct Campaign<'a> {
    server: &'a mut dyn Server,
    known: &'a KnownFile,
    cache: &'a Cache,
    front: Option<Front>,
    mounted: Option<(ServerCase, Support)>,
    tally: Tally,
}

impl Campaign<'_> {
    fn ask(&mut self, case: &ServerCase) -> Result<(), CacheError> {
        let Some(mount) = self.mount(case)? else {
            self.tally.not_mounted += 1;
            return Ok(());
        };
        let through = self.through(&mount)?;
        let Some(shared) = self.share(case, &mount, &through)? else { return Ok(()) };
        let again = if shared.differing.is_empty() {
            None
        } else {
            self.share(&under_another_url(case), &mount, &through)?
        };
        let is_known = self.is_known(&shared);
        self.tally.count(self.cache, &case.id, &shared, again.as_ref(), is_known);
        Ok(())
    }

    /// Whether entries of `known.toml` cover all that was predicted where decisions differ. A
    /// vector's id is the finding's signature, then a hash of its case.
    fn is_known(&self, shared: &Shared) -> bool {
        let version = &self.server.about().version;
        let covers = |known: &Known, signature: &str| {
            known.holds_for(version)
                && (known.id.starts_with(signature) || glob(&known.id, signature))
        };
        let mut predicted = shared.predicted_there().peekable();
        predicted.peek().is_some()
            && predicted.all(|finding| {
                let signature = format!("{}.", finding.signature());
                self.known.known.iter().any(|known| covers(known, &signature))
            })
    }

    /// The sequence asked both ways; `None`: it means nothing under its policy.
    fn share(
        &mut self,
        case: &ServerCase,
        mount: &Mount,
        through: &Mount,
    ) -> Result<Option<Shared>, CacheError> {
        let Ok(calls) = case.bind() else { return Ok(None) };
        let own = self.ask_fresh(case, mount)?;
        let cached = drive(self.server, through, &case.policy, &calls)
            .map_err(|source| self.failed_through(source))?;
        self.tally.calls += calls.len() as u64;
        Ok(judge(case, &own, &cached).ok())
    }

    /// The server's own answers: each call under a URL that nobody has asked for, in case the
    /// server itself remembers. On the record all stand under the sequence's URL.
    fn ask_fresh(
        &mut self,
        case: &ServerCase,
        mount: &Mount,
    ) -> Result<ServerObservation, SubjectError> {
        let mut own = ServerObservation::default();
        for (number, call) in case.calls.iter().enumerate() {
            let fresh = ServerCall { path: format!("{}&call={number}", call.path), ..call.clone() };
            let Ok(bound) = fresh.bind(&case.policy, number) else { continue };
            let observed = drive(self.server, mount, &case.policy, &[bound])?;
            let mut exchanges = observed.calls.into_iter().flatten().collect::<Vec<_>>();
            for exchange in &mut exchanges {
                exchange.request.target = call.path.as_str().into();
            }
            own.calls.push(exchanges);
        }
        Ok(own)
    }

    fn failed_through(&self, source: SubjectError) -> CacheError {
        let log = self.front.as_ref().map(Front::log).unwrap_or_default();
        CacheError::Through { cache: self.cache.to_string(), source: Box::new(source), log }
    }

    /// The mount behind the cache, which is started anew where the server has another address.
    fn through(&mut self, mount: &Mount) -> Result<Mount, CacheError> {
        let front = match self.front.take().filter(|front| front.serves(mount)) {
            Some(front) => front,
            None => Front::start(self.cache, mount)?,
        };
        self.front.insert(front).mount(mount)
    }

    fn mount(&mut self, case: &ServerCase) -> Result<Option<Mount>, SubjectError> {
        let same = self.mounted.as_ref().is_some_and(|(mounted, _)| mounted.policy == case.policy);
        if !same {
            self.unmount();
            let support = self.server.configure(&case.policy)?;
            self.mounted = Some((case.clone(), support));
        }
        Ok(match &self.mounted {
            Some((_, Support::Mounted(mount))) => Some(mount.clone()),
            _ => None,
        })
    }

    fn unmount(&mut self) {
        if let Some((_, Support::Mounted(mount))) = self.mounted.take() {
            self.server.release(&mount);
        }
    }
}

/// The same sequence where no cache has an answer yet.
fn under_another_url(case: &ServerCase) -> ServerCase {
    let calls = case.calls.iter();
    let calls =
        calls.map(|call| ServerCall { path: format!("{}&again", call.path), ..call.clone() });
    ServerCase { calls: calls.collect(), ..case.clone() }
}
