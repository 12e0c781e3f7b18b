//! `corsproof rules`: what servers are held against.

use clap::Args;
use corsproof_conform::judge::rules::RULES;
use serde_json::json;

use super::CommandError;
use crate::exit::Exit;

/// Arguments of `corsproof rules`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Lists the rules.
///
/// # Errors
/// None.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    for rule in &RULES {
        if arguments.json {
            let line = json!({
                "slug": rule.slug,
                "level": rule.level,
                "direction": rule.direction,
                "asks": rule.asks,
                "sources": rule.sources,
            });
            println!("{line}");
        } else {
            let (level, direction) = (rule.level.name(), rule.direction.name());
            println!("{} ({level}, {direction})\n  {}", rule.slug, rule.asks);
            for source in rule.sources {
                println!("  {source}");
            }
        }
    }
    Ok(Exit::Conforms)
}
