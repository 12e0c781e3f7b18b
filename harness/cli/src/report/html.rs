//! The report as one self-contained page: no script, no request to anywhere.

use std::fmt::Write as _;

use corsproof_conform::judge::finding::Level;
use corsproof_model::SPEC_COMMIT;

use crate::campaign::plan::Plan;
use crate::campaign::tally::{Divergence, Tally};
use crate::commands::replay::words;
use crate::commands::run::Ran;

use crate::story::spec_url;

use super::text::{cells, heads, remarks, tallies};

/// The whole page.
pub fn page(plan: &Plan, all: &[Ran]) -> String {
    let mut body = String::new();
    let complete = all.iter().all(|ran| matches!(ran, Ran::Tally(tally) if tally.complete));
    let _ = write!(
        body,
        "<h1>Corsproof report</h1>\n<p>Seed <code>{}</code>, preset {}, {} cases a subject; the Fetch Standard at \
         <a href=\"https://github.com/whatwg/fetch/tree/{SPEC_COMMIT}\"><code>{}</code></a>. {}</p>\n",
        plan.seed,
        plan.preset.name(),
        plan.cases,
        SPEC_COMMIT.get(..12).unwrap_or(SPEC_COMMIT),
        if complete {
            "Every subject ran all its cases."
        } else {
            "<strong>Not complete: see the remarks.</strong>"
        },
    );
    table(&mut body, all);
    let fails = |d: &Divergence| d.finding.level == Level::Required;
    section(&mut body, all, "New divergences", |d| d.known.is_none() && fails(d));
    section(&mut body, all, "Known divergences", |d| d.known.is_some());
    section(&mut body, all, "Advice, which fails nobody", |d| d.known.is_none() && !fails(d));
    asked_once(&mut body, all);
    let remarks = remarks(all);
    if !remarks.is_empty() {
        body.push_str("<h2>Remarks</h2>\n<ul>\n");
        for remark in remarks {
            let _ = writeln!(body, "<li>{}</li>", escaped(&remark));
        }
        body.push_str("</ul>\n");
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Corsproof report</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<style>{STYLE}</style>\n{body}\
         <footer>End of the report: {} subjects.</footer>\n</html>\n",
        all.len()
    )
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:92rem;padding:0 1rem;color:#1a1a1a;background:#fff}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}.wide{overflow-x:auto}\
table{border-collapse:collapse;font-size:.85rem}th,td{padding:.35rem .6rem;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}\
th{font-weight:600;background:#f5f5f5}th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}td.zero{color:#999}\
article{border:1px solid #ddd;border-left:4px solid #b00;border-radius:4px;padding:.6rem 1rem;margin:.8rem 0}\
article.known{border-left-color:#888}article h3{font-size:1rem;margin:.2rem 0}dl{display:grid;grid-template-columns:7rem 1fr;gap:.2rem .8rem;margin:.4rem 0}\
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}code,pre{font:.85rem/1.45 ui-monospace,monospace}pre{background:#f7f7f7;padding:.6rem;overflow-x:auto}\
footer{margin-top:3rem;color:#666}@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}th{background:#242424}\
th,td,article{border-color:#3a3a3a}pre{background:#202020}dt,footer{color:#aaa}a{color:#8ab4f8}}";

fn table(body: &mut String, all: &[Ran]) {
    body.push_str("<div class=\"wide\"><table>\n<tr>");
    for head in heads() {
        let _ = write!(body, "<th>{head}</th>");
    }
    body.push_str("</tr>\n");
    for tally in tallies(all) {
        body.push_str("<tr>");
        for cell in cells(tally) {
            let class = if cell == "0" { " class=\"zero\"" } else { "" };
            let _ = write!(body, "<td{class}>{}</td>", escaped(&cell));
        }
        body.push_str("</tr>\n");
    }
    body.push_str("</table></div>\n");
    body.push_str("<p>Left: cases by verdict. Right: distinct divergences by direction, known ones included.</p>\n");
}

fn section(body: &mut String, all: &[Ran], title: &str, wanted: impl Fn(&Divergence) -> bool) {
    let mut articles = String::new();
    for tally in tallies(all) {
        for divergence in tally.divergences.iter().filter(|d| wanted(d)) {
            article(&mut articles, tally, divergence);
        }
    }
    if articles.is_empty() {
        articles.push_str("<p>None.</p>\n");
    }
    let _ = write!(body, "<h2>{title}</h2>\n{articles}");
}

/// Policies that nobody can use, and how the time of answers grows.
fn asked_once(body: &mut String, all: &[Ran]) {
    for tally in tallies(all).filter(|tally| !tally.curves.is_empty()) {
        let name = escaped(&tally.subject);
        let _ = write!(
            body,
            "<h3>{name}: unusable policies, and the cost of hostile requests</h3>\n<ul>\n"
        );
        for finding in &tally.advice {
            let (rule, label) = (escaped(&finding.rule), escaped(&finding.label));
            let _ = writeln!(body, "<li>{rule} ({label}): {}</li>", escaped(&finding.observed));
        }
        body.push_str(
            "</ul>\n<div class=\"wide\"><table>\n<tr><th>µs for a request of</th><th></th>",
        );
        let sizes = tally.curves.iter().max_by_key(|curve| curve.points.len());
        let sizes = sizes.map(|curve| curve.points.clone()).unwrap_or_default();
        for (size, _) in &sizes {
            let _ = write!(body, "<th>{size} B</th>");
        }
        body.push_str("<th>exponent</th></tr>\n");
        for curve in &tally.curves {
            let _ = write!(body, "<tr><td>{}</td><td></td>", curve.shape.name());
            for index in 0..sizes.len() {
                let time = curve.points.get(index).map(|(_, time)| format!("{time:.0}"));
                let _ = write!(body, "<td>{}</td>", time.unwrap_or_default());
            }
            let growth = curve.growth().map(|growth| format!("{growth:.2}"));
            let told = growth.or_else(|| curve.ended.clone()).unwrap_or_default();
            let _ = writeln!(body, "<td>{}</td></tr>", escaped(&told));
        }
        body.push_str("</table></div>\n");
    }
}

fn article(body: &mut String, tally: &Tally, divergence: &Divergence) {
    let finding = &divergence.finding;
    let class = if divergence.known.is_some() { " class=\"known\"" } else { "" };
    let _ = write!(
        body,
        "<article{class}>\n<h3>{} {}: {} ({})</h3>\n<dl>",
        escaped(&tally.subject),
        escaped(&tally.version),
        escaped(&finding.rule),
        finding.direction.name()
    );
    let mut row = |term: &str, html: String| {
        let _ = write!(body, "<dt>{term}</dt><dd>{html}</dd>");
    };
    row("cases", divergence.cases.to_string());
    row("expected", escaped(&finding.expected));
    row("observed", escaped(&finding.observed));
    row("decided by", finding.steps.iter().map(|step| link(step)).collect::<Vec<_>>().join(", "));
    if let Some(field) = &divergence.preset_field {
        row("preset field", format!("<code>{}</code>", escaped(field)));
    }
    if let Some((reason, link)) = &divergence.known {
        row("known", format!("{} <a href=\"{1}\">{1}</a>", escaped(reason), escaped(link)));
    }
    if let Some(curl) = &divergence.curl {
        row("see it", format!("<code>{}</code>", escaped(curl)));
    }
    row(
        "replay",
        format!(
            "<code>corsproof replay {}</code> ({})",
            escaped(&divergence.vector.id),
            escaped(&words(&divergence.replayed))
        ),
    );
    let _ = write!(
        body,
        "</dl>\n<details><summary>vector</summary><pre>{}</pre></details>\n</article>\n",
        escaped(&divergence.vector.to_json())
    );
}

/// `algorithm/slug`, linked to the algorithm in the Standard that has it.
fn link(step: &str) -> String {
    let (algorithm, slug) = step.split_once('/').unwrap_or((step, ""));
    let url = spec_url(algorithm, slug);
    format!("<a href=\"{}\">{}</a>", escaped(&url), escaped(step))
}

/// Text as it may stand in an element or a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
