//! What hostile headers cost: how the time of an answer grows with what the request asks for.
//!
//! Pure: the measuring is done elsewhere. Growth is the exponent of a power law, fitted by least
//! squares to the logarithms of size and time above what the smallest request takes.

use serde::{Deserialize, Serialize};

use crate::byte_string::HeaderLine;

use super::finding::{Direction, Finding, Level};

/// The rule.
pub const COST_GROWS_FASTER_THAN_REQUEST: &str = "cost-grows-faster-than-request";

/// A way to make a request's headers long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `Access-Control-Request-Headers` with many names.
    AskedNames,
    /// The same, all of them allowed, again and again.
    AskedRepeated,
    /// One long name.
    AskedOneName,
    /// Commas alone.
    AskedCommas,
    /// White space between two commas.
    AskedSpaces,
    /// Many lines of one name.
    AskedLines,
    /// `Origin` with a long host.
    OriginHost,
    /// With many labels.
    OriginLabels,
    /// With many commas.
    OriginCommas,
    /// A long `Access-Control-Request-Method`.
    AskedMethod,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AskedNames,
        Self::AskedRepeated,
        Self::AskedOneName,
        Self::AskedCommas,
        Self::AskedSpaces,
        Self::AskedLines,
        Self::OriginHost,
        Self::OriginLabels,
        Self::OriginCommas,
        Self::AskedMethod,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::AskedNames => "asked-names",
            Self::AskedRepeated => "asked-repeated",
            Self::AskedOneName => "asked-one-name",
            Self::AskedCommas => "asked-commas",
            Self::AskedSpaces => "asked-spaces",
            Self::AskedLines => "asked-lines",
            Self::OriginHost => "origin-host",
            Self::OriginLabels => "origin-labels",
            Self::OriginCommas => "origin-commas",
            Self::AskedMethod => "asked-method",
        }
    }

    /// The headers of a preflight from `origin` with some `size` bytes of this shape; `allowed` is
    /// a header that the policy names.
    pub fn headers(self, size: usize, origin: &str, allowed: &str) -> Vec<HeaderLine> {
        let (mut from, mut method) = (origin.to_owned(), "PUT".to_owned());
        let mut asked = vec![allowed.to_owned()];
        match self {
            Self::AskedNames => asked = vec![numbered("x", size, ",")],
            Self::AskedRepeated => asked = vec![filled(&format!("{allowed},"), size)],
            Self::AskedOneName => asked = vec!["x".repeat(size)],
            Self::AskedCommas => asked = vec![",".repeat(size)],
            Self::AskedSpaces => asked = vec![format!("{allowed},{},{allowed}", " ".repeat(size))],
            // A line costs some forty bytes.
            Self::AskedLines => asked = vec![allowed.to_owned(); (size / 40).max(1)],
            Self::OriginHost => from = format!("https://{}.example", "a".repeat(size)),
            Self::OriginLabels => from = format!("https://{}example", filled("a.", size)),
            Self::OriginCommas => from = filled(&format!("{origin},"), size),
            Self::AskedMethod => method = "M".repeat(size),
        }
        let mut lines = vec![
            ("Host".into(), "api.example".into()),
            ("Origin".into(), from.into()),
            ("Access-Control-Request-Method".into(), method.into()),
        ];
        let name = "Access-Control-Request-Headers";
        lines.extend(asked.into_iter().map(|value| (name.into(), value.into())));
        lines
    }
}

/// How the time of an answer grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Of which requests.
    pub shape: Shape,
    /// Bytes of this shape, and the least microseconds that an answer took.
    pub points: Vec<(usize, f64)>,
    /// What ended it before the largest size: the server's answer to a longer request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// Above this exponent time grows faster than the request does; between are noise and sorting.
pub const MOST_GROWTH: f64 = 1.5;

/// Below this many microseconds nothing is said about growth: it would be noise.
pub const LEAST_COST: f64 = 2_000.0;

impl Curve {
    /// The exponent with which the time above the smallest request's grows over the larger half of
    /// the sizes; `None`: too few points, or too little time to tell.
    pub fn growth(&self) -> Option<f64> {
        let (_, base) = *self.points.first()?;
        let half = self.points.get(self.points.len() / 2..)?;
        let above: Vec<(f64, f64)> = half
            .iter()
            .filter(|(_, time)| time - base > base.max(1.0) * 0.1)
            .map(|(size, time)| (as_float(*size).ln(), (time - base).ln()))
            .collect();
        let enough = above.len() >= 3 && self.cost() >= LEAST_COST;
        enough.then(|| slope(&above))?
    }

    /// What the largest request costs above the smallest, in microseconds.
    pub fn cost(&self) -> f64 {
        match (self.points.first(), self.points.last()) {
            (Some((_, first)), Some((_, last))) => last - first,
            _ => 0.0,
        }
    }

    /// What is wrong with a server whose answers take so long.
    pub fn judge(&self) -> Option<Finding> {
        let growth = self.growth().filter(|growth| *growth > MOST_GROWTH)?;
        let shown: Vec<String> =
            self.points.iter().map(|(size, time)| format!("{size} B {time:.0} µs")).collect();
        Some(Finding {
            rule: COST_GROWS_FASTER_THAN_REQUEST.to_owned(),
            level: Level::Recommended,
            direction: Direction::Fragile,
            label: self.shape.name().to_owned(),
            call: None,
            producible: Vec::new(),
            expected: format!("time that grows with the request, exponent {MOST_GROWTH} at most"),
            observed: format!("exponent {growth:.2}: {}", shown.join(", ")),
            steps: Vec::new(),
        })
    }
}

/// The slope of the line that fits best.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = as_float(points.len());
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let across: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    (spread > 0.0).then(|| across / spread)
}

fn as_float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn filled(part: &str, size: usize) -> String {
    part.repeat(size / part.len().max(1))
}

fn numbered(prefix: &str, size: usize, joint: &str) -> String {
    let mut all = String::new();
    for number in 0.. {
        if all.len() >= size {
            break;
        }
        all.push_str(&format!("{prefix}{number:05}{joint}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(time: impl Fn(f64) -> f64) -> Curve {
        let points = (8..16).map(|n| (1_usize << n, time(as_float(1 << n)))).collect();
        Curve { shape: Shape::AskedNames, points, ended: None }
    }

    #[test]
    fn quadratic_time_is_found_and_linear_time_is_not() {
        assert!(curve(|n| 50.0 + n * n / 10_000.0).judge().is_some());
        assert!(curve(|n| 50.0 + n / 2.0).judge().is_none());
        assert!(curve(|n| 50.0 + n * n.ln() / 20.0).judge().is_none());
    }

    #[test]
    fn nothing_is_said_about_times_that_are_short() {
        assert!(curve(|n| 50.0 + n * n / 10_000_000.0).judge().is_none());
        assert_eq!(curve(|_| 50.0).growth(), None);
    }

    #[test]
    fn a_shape_is_about_as_long_as_asked() {
        for shape in Shape::ALL {
            let length = |size| -> usize {
                let lines = shape.headers(size, "https://app.example", "x-a");
                lines.iter().map(|(name, value)| name.len() + value.len()).sum()
            };
            let grown = length(8_192) - length(1_024);
            assert!((4_000..9_000).contains(&grown), "{}: {grown}", shape.name());
        }
    }
}
