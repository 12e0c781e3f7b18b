//! How long a program may take for what it is asked.

use std::time::Duration;

use clap::Args;

/// Limits on the time of a program.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Longest time until a subject's program has started, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub start_within: Duration,
    /// Longest time until it has mounted a policy, or let go of one.
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = seconds)]
    pub configure_within: Duration,
    /// Longest time until an HTTP request to it is answered.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub answer_within: Duration,
    /// Longest time until it has ended after it was told to stop; then it is killed.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub stop_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start_within: Duration::from_secs(60),
            configure_within: Duration::from_secs(20),
            answer_within: Duration::from_secs(5),
            stop_within: Duration::from_secs(5),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.01..=3600.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("`{text}` is not a number of seconds from 0.01 to 3600"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn the_command_line_s_defaults_are_the_code_s() {
        let parsed = Alone::parse_from(["corsproof"]).limits;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Limits::default()));
    }

    #[test]
    fn a_limit_is_bounded_itself() {
        for bad in ["0", "-1", "NaN", "inf", "3601", "soon"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
    }
}
