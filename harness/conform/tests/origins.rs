//! The origins that are tried: every class of payload is there, each change does something
//! somewhere, none gives an origin that the policy names, and raw ones are no browser's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;

use corsproof_conform::case::AgentName;
use corsproof_conform::generate::choices::Seeded;
use corsproof_conform::generate::origins::change::MARKS;
use corsproof_conform::generate::origins::{Combination, OriginChange, OriginRecipe};
use corsproof_conform::generate::origins::{PRODUCIBLE, RAW};
use corsproof_conform::generate::policies;
use corsproof_conform::policy::Policy;
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::subject::ServerAdapter as _;

use OriginChange as C;

/// What is tried against an allowed `https://app.b.example`, or another as the class says: class,
/// allowed origins, recipe, and the origin that comes of it.
fn classes() -> Vec<(&'static str, &'static [&'static str], OriginRecipe, &'static str)> {
    const APP: &[&str] = &["https://app.b.example"];
    const PORT: &[&str] = &["https://app.b.example:8080"];
    const SIX: &[&str] = &["http://[2001:db8::1]:8080"];
    const FOUR: &[&str] = &["http://192.168.0.10"];
    const TWO: &[&str] = &["https://foo.example", "http://barfoo.example:8080"];
    const THREE: &[&str] =
        &["https://foo.example", "https://barfoo.example", "https://zoo.example"];
    let changed = |change| OriginRecipe::Changed { of: 0, change };
    let combined = |of, with, how| OriginRecipe::Combined { of, with, how };
    vec![
        ("attacker suffix", APP, changed(C::Suffixed), "https://app.b.example.attacker.test"),
        ("attacker prefix", APP, changed(C::GluedBefore), "https://xapp.b.example"),
        ("attacker prefix", APP, changed(C::HyphenPrefixed), "https://attacker-app.b.example"),
        ("glued", APP, changed(C::AttackerGlued), "https://app.b.exampleattacker.test"),
        ("glued", APP, changed(C::GluedBehind), "https://app.b.examplex"),
        ("glued on both sides", APP, changed(C::GluedAround), "https://xapp.b.examplex"),
        ("label", APP, changed(C::LabelBetween('-')), "https://app.b.example.-.attacker.test"),
        ("label", APP, changed(C::LabelBetween('_')), "https://app.b.example._.attacker.test"),
        (
            "label, Firefox",
            APP,
            changed(C::LabelBetween('+')),
            "https://app.b.example.+.attacker.test",
        ),
        (
            "label, Safari",
            APP,
            changed(C::LabelBetween('{')),
            "https://app.b.example.{.attacker.test",
        ),
        ("mark behind", APP, changed(C::MarkBehind('`')), "https://app.b.example`.attacker.test"),
        ("subdomain", APP, changed(C::Subdomain), "https://sub.app.b.example"),
        ("subdomain, http", APP, changed(C::SubdomainOtherScheme), "http://sub.app.b.example"),
        ("subdomain, port", APP, changed(C::SubdomainOtherPort), "https://sub.app.b.example:8443"),
        ("subdomain of it", APP, changed(C::DeepSubdomain), "https://deep.sub.app.b.example"),
        ("parent", APP, changed(C::Parent), "https://b.example"),
        ("scheme", APP, changed(C::OtherScheme), "http://app.b.example"),
        ("scheme, upgrade", FOUR, changed(C::OtherScheme), "https://192.168.0.10"),
        ("scheme, ws", APP, changed(C::WebSocketScheme), "wss://app.b.example"),
        ("scheme, ftp", APP, changed(C::FtpScheme), "ftp://app.b.example"),
        ("scheme, app", APP, changed(C::AppScheme), "app://app.b.example"),
        ("scheme, app", APP, changed(C::CapacitorApp), "capacitor://localhost"),
        ("scheme, app", APP, changed(C::IonicApp), "ionic://localhost"),
        (
            "scheme, extension",
            APP,
            changed(C::ChromeExtension),
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        ),
        (
            "scheme, extension",
            APP,
            changed(C::MozExtension),
            "moz-extension://6f0f2f5e-0a3c-4c59-9d7e-3b1c2a4d5e6f",
        ),
        (
            "localhost.attacker",
            APP,
            changed(C::LocalhostSuffixed),
            "https://localhost.attacker.test",
        ),
        ("null", APP, OriginRecipe::Null, "null"),
        ("loopback", APP, changed(C::Localhost), "https://localhost"),
        ("loopback", APP, changed(C::Loopback4), "https://127.0.0.1"),
        ("loopback", APP, changed(C::Loopback6), "https://[::1]"),
        ("loopback", APP, changed(C::LoopbackMapped), "https://[::ffff:7f00:1]"),
        ("unspecified", APP, changed(C::Unspecified4), "https://0.0.0.0"),
        ("unspecified", APP, changed(C::Unspecified6), "https://[::]"),
        ("allowed.local", APP, changed(C::BelowLocal), "https://app.b.example.local"),
        ("allowed.localhost", APP, changed(C::BelowLocalhost), "https://app.b.example.localhost"),
        ("port, with", APP, changed(C::OtherPort), "https://app.b.example:8443"),
        ("port, without", PORT, changed(C::PortDropped), "https://app.b.example"),
        ("port, other", PORT, changed(C::OtherPort), "https://app.b.example:8081"),
        ("port, default", APP, changed(C::DefaultPort), "https://app.b.example:443"),
        ("port, empty", APP, changed(C::EmptyPort), "https://app.b.example:"),
        ("port, 0", APP, changed(C::PortZero), "https://app.b.example:0"),
        ("port, padded", PORT, changed(C::PortPadded), "https://app.b.example:08080"),
        ("port, appended", APP, changed(C::PortAppended), "https://app.b.example:81"),
        ("port, digit less", PORT, changed(C::PortTruncated), "https://app.b.example:808"),
        ("port, digit less", PORT, changed(C::PortBeheaded), "https://app.b.example:80"),
        ("port, highest", APP, changed(C::HighestPort), "https://app.b.example:65535"),
        ("case", APP, changed(C::UpperCase), "HTTPS://APP.B.EXAMPLE"),
        ("case", APP, changed(C::UpperCaseHost), "https://APP.B.EXAMPLE"),
        ("case", APP, changed(C::UpperCaseScheme), "HTTPS://app.b.example"),
        ("trailing dot", APP, changed(C::TrailingDot), "https://app.b.example."),
        ("IDNA", APP, changed(C::PunycodeLookAlike), "https://xn--pp-6kc.b.example"),
        ("IDNA", APP, changed(C::UnicodeLookAlike), "https://\u{d0}\u{b0}pp.b.example"),
        (
            "IDNA",
            &["https://xn--bcher-kva.example"],
            changed(C::UnicodeForm),
            "https://b\u{c3}\u{bc}cher.example",
        ),
        ("user information", APP, changed(C::UserInfo), "https://user@app.b.example"),
        ("user information", APP, changed(C::AsUserInfo), "https://app.b.example@attacker.test"),
        ("path", APP, changed(C::TrailingSlash), "https://app.b.example/"),
        ("path", APP, changed(C::PathBehind), "https://app.b.example/plain"),
        ("path", APP, changed(C::InPath), "https://attacker.test/app.b.example"),
        ("query", APP, changed(C::QueryBehind), "https://app.b.example?x"),
        ("fragment", APP, changed(C::FragmentBehind), "https://app.b.example#x"),
        ("fragment", APP, changed(C::InFragment), "https://attacker.test#app.b.example"),
        (
            "public suffix",
            &["https://app.github.io"],
            changed(C::Sibling),
            "https://sibling.github.io",
        ),
        (
            "shared suffix",
            TWO,
            combined(1, 0, Combination::CommonSuffixAndOne),
            "http://rfoo.example:8080",
        ),
        ("shared suffix", THREE, combined(1, 2, Combination::HeadGlued), "https://barfzoo.example"),
        (
            "shared suffix",
            TWO,
            combined(0, 1, Combination::Below),
            "https://foo.example.barfoo.example",
        ),
        (
            "cross product",
            TWO,
            combined(0, 1, Combination::OtherSchemeAndPort),
            "http://foo.example:8080",
        ),
        ("cross product", TWO, combined(0, 1, Combination::OtherPort), "https://foo.example:8080"),
        (
            "cross product",
            TWO,
            combined(1, 0, Combination::OtherScheme),
            "https://barfoo.example:8080",
        ),
        ("dot at each position", APP, changed(C::DotReplaced(0)), "https://appxb.example"),
        ("dot at each position", APP, changed(C::DotReplaced(1)), "https://app.bxexample"),
        ("dotless", APP, changed(C::Dotless), "https://appbexample"),
        ("dotless", APP, changed(C::FirstLabel), "https://app"),
        ("IPv6, port", SIX, changed(C::OtherPort), "http://[2001:db8::1]:8081"),
        ("IPv6, port", SIX, changed(C::PortDropped), "http://[2001:db8::1]"),
        ("IPv6, spelling", SIX, changed(C::ExpandedAddress), "http://[2001:db8:0:0:0:0:0:1]:8080"),
        ("IPv6, spelling", SIX, changed(C::UpperCaseHost), "http://[2001:DB8::1]:8080"),
        ("IPv6, spelling", SIX, changed(C::BareAddress), "http://2001:db8::1:8080"),
        ("IPv6, other", SIX, changed(C::NextAddress), "http://[2001:db8::3]:8080"),
        ("IPv4, hexadecimal", FOUR, changed(C::HexAddress), "http://0xc0a8000a"),
        ("IPv4, octal", FOUR, changed(C::OctalAddress), "http://0300.0250.00.012"),
        ("IPv4, number", FOUR, changed(C::NumberAddress), "http://3232235530"),
        ("IPv4, mapped", FOUR, changed(C::MappedAddress), "http://[::ffff:c0a8:a]"),
        ("IPv4, other", FOUR, changed(C::NextAddress), "http://192.168.0.11"),
        ("character, dropped", APP, changed(C::Beheaded), "https://pp.b.example"),
        ("character, dropped", APP, changed(C::Truncated), "https://app.b.exampl"),
        ("character, doubled", APP, changed(C::FirstDoubled), "https://aapp.b.example"),
        ("character, doubled", APP, changed(C::LastDoubled), "https://app.b.examplee"),
        ("character, changed", APP, changed(C::FirstChanged), "https://bpp.b.example"),
        ("character, changed", APP, changed(C::LastChanged), "https://app.b.exampla"),
        ("own host", APP, OriginRecipe::Own(C::OtherScheme), "http://api.example"),
        ("own host", APP, OriginRecipe::Own(C::OtherPort), "https://api.example:8443"),
        ("own host", APP, OriginRecipe::Own(C::Subdomain), "https://sub.api.example"),
        ("line feed", APP, changed(C::EncodedNewlineBehind), "https://app.b.example%0a"),
    ]
}

fn policy(list: &[&str]) -> Policy {
    let origins = serde_json::json!({"origins": {"list": list}});
    serde_json::from_value(origins).unwrap()
}

/// Policies as campaigns have them, and the reference's capabilities say all there is.
fn policies() -> impl Iterator<Item = Policy> {
    let capabilities = ReferenceServer::default().capabilities().clone();
    (0..1_500)
        .map(move |n| policies::policy(&mut Seeded::for_case(1, "policies", n), &capabilities))
}

fn changes() -> impl Iterator<Item = OriginChange> {
    let marks = MARKS.into_iter().flat_map(|mark| [C::LabelBetween(mark), C::MarkBehind(mark)]);
    PRODUCIBLE.into_iter().chain(RAW).chain(marks).chain((2..4).map(C::DotReplaced))
}

fn recipes() -> impl Iterator<Item = OriginRecipe> {
    let changed =
        changes().flat_map(|change| (0..3).map(move |of| OriginRecipe::Changed { of, change }));
    let combined = Combination::ALL.into_iter().flat_map(|how| {
        [(0, 1), (1, 0), (1, 2)].map(|(of, with)| OriginRecipe::Combined { of, with, how })
    });
    changed.chain(combined).chain(changes().map(OriginRecipe::Own))
}

#[test]
fn each_class_of_payload_has_its_recipes() {
    for (class, allowed, recipe, origin) in classes() {
        let realized = recipe.realize(&policy(allowed)).map(|realized| realized.serialized);
        assert_eq!(realized.as_deref(), Some(origin), "{class}: {recipe:?}");
    }
}

#[test]
fn no_change_gives_an_origin_that_the_policy_names() {
    let mut tried = 0;
    for policy in policies().filter(|policy| policy.origins().is_some()) {
        for recipe in recipes() {
            let Some(realized) = recipe.realize(&policy) else { continue };
            let Some(origin) = realized.producible else { continue };
            assert!(!policy.names_origin(&origin), "{recipe:?} of {:?}", policy.origins());
            tried += 1;
        }
    }
    assert!(tried > 50_000, "{tried}");
}

#[test]
fn raw_changes_give_what_no_browser_sends_and_the_others_what_one_can() {
    let (mut raw, mut producible) = (0, 0);
    for policy in policies().take(300) {
        for change in changes() {
            for recipe in [OriginRecipe::Changed { of: 0, change }, OriginRecipe::Own(change)] {
                let Some(realized) = recipe.realize(&policy) else { continue };
                assert_eq!(realized.producible.is_none(), change.is_raw(), "{change:?}");
                assert_eq!(realized.producible_by().is_empty(), change.is_raw(), "{change:?}");
                *(if change.is_raw() { &mut raw } else { &mut producible }) += 1;
            }
        }
    }
    assert!(raw > 5_000 && producible > 5_000, "{raw} raw, {producible} producible");
}

#[test]
fn every_change_and_combination_applies_to_some_policy() {
    let mut left: Vec<OriginRecipe> = recipes()
        .filter(|recipe| match recipe {
            OriginRecipe::Changed { of, .. } | OriginRecipe::Combined { of, .. } => *of == 0,
            _ => false,
        })
        .collect();
    for policy in policies() {
        left.retain(|recipe| recipe.realize(&policy).is_none());
    }
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn characters_of_hosts_say_which_engines_can_have_a_page_there() {
    let policy = policy(&["https://app.example"]);
    let by =
        |change| OriginRecipe::Changed { of: 0, change }.realize(&policy).unwrap().producible_by();
    let all = vec![AgentName::Chromium, AgentName::Firefox, AgentName::Webkitgtk];
    for mark in MARKS {
        let engines = match mark {
            '-' | '_' => all.clone(),
            '+' | '$' => vec![AgentName::Firefox, AgentName::Webkitgtk],
            _ => vec![AgentName::Webkitgtk],
        };
        assert_eq!(by(C::LabelBetween(mark)), engines, "{mark}");
        assert_eq!(by(C::MarkBehind(mark)), engines, "{mark}");
    }
    assert_eq!(by(C::ChromeExtension), [AgentName::Chromium]);
    assert_eq!(by(C::MozExtension), [AgentName::Firefox]);
}

#[test]
fn names_of_changes_are_labels() {
    let labels: BTreeSet<String> = PRODUCIBLE.into_iter().chain(RAW).map(C::label).collect();
    assert!(labels.contains("dot-replaced") && labels.contains("other-scheme"), "{labels:?}");
    assert!(
        labels
            .iter()
            .all(|l| l.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit()))
    );
    // `dot_replaced` stands twice, and `label_between` in both lists.
    assert_eq!(labels.len(), PRODUCIBLE.len() + RAW.len() - 2);
}
