//! `corsproof replay --browser`: a vector for servers, in a real browser before the live server.

use clap::ValueEnum;
use corsproof_conform::subject::UserAgent;
use corsproof_conform::vector::Vector;

use super::CommandError;
use crate::browser::{self, Options};
use crate::campaign::compare::CallVerdict;
use crate::campaign::confirm::{Confirmation, confirm};
use crate::chrome::Chrome;
use crate::exit::Exit;
use crate::registry::Running;

/// A browser that can stand before a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Browser {
    /// Chromium or Chrome, as installed.
    Chromium,
}

/// Compares what the browser does with what the model says, call after call.
///
/// # Errors
/// When the subject is no server, or the browser does not start.
pub(super) fn run(
    running: &mut Running,
    name: &str,
    vector: &Vector,
) -> Result<Exit, CommandError> {
    let engine = match Chrome::find() {
        Ok(engine) => engine,
        Err(missing) => {
            println!("{}: cannot run: {missing}", vector.id);
            return Ok(Exit::Broken);
        }
    };
    let server = running.exchanging().ok_or(format!("{name} is not a server"))?;
    let mut chrome = browser::Browser::launch(engine, Options::default())?;
    let about = UserAgent::about(&chrome);
    let browser = format!("{} {}", about.name, about.version);
    let of = format!("{} against {name} {} in {browser}", vector.id, server.about().version);
    Ok(match confirm(server, &mut chrome, vector) {
        Err(error) => {
            println!("{of}: cannot run: {error}");
            Exit::Broken
        }
        Ok(confirmation) => {
            let (word, exit) = conclusion(&confirmation);
            let finding = if confirmation.is_shown { "is there" } else { "is not there" };
            println!("{of}: the finding {finding}; {word}");
            print_calls(&confirmation);
            exit
        }
    })
}

/// Over what could be asked; nothing asked is nothing judged.
fn conclusion(confirmation: &Confirmation) -> (&'static str, Exit) {
    let any = |is: fn(&CallVerdict) -> bool| confirmation.calls.iter().any(|c| is(&c.verdict));
    if any(|verdict| matches!(verdict, CallVerdict::Differs { .. })) {
        ("model and browser differ", Exit::Diverges)
    } else if any(|verdict| matches!(verdict, CallVerdict::NotAskable(_))) {
        if any(|verdict| matches!(verdict, CallVerdict::Agrees { .. })) {
            ("model and browser agree where it could be asked", Exit::Conforms)
        } else {
            ("not askable by a browser", Exit::Broken)
        }
    } else {
        ("model and browser agree", Exit::Conforms)
    }
}

fn print_calls(confirmation: &Confirmation) {
    for (number, call) in confirmation.calls.iter().enumerate() {
        println!("  call {number}: {}", call.what);
        let (words, verdict) = match &call.verdict {
            CallVerdict::NotAskable(why) => {
                println!("    not askable by a browser: {why}");
                continue;
            }
            CallVerdict::Agrees { words } => (words, "agree".to_owned()),
            CallVerdict::Differs { words, difference } => (words, format!("differ: {difference}")),
        };
        println!("    model:   {}", words.model);
        println!("    browser: {}", words.browser);
        println!("    {verdict}");
    }
}
