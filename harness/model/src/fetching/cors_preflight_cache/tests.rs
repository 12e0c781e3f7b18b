//! What the cache spares, and what it does not.

use super::*;
use crate::scene::{ANY, OWN, Scene, WITH, headers, max_age, methods};

const B: &str = "https://b.example/x";

/// A cache after one preflighted PUT with `X-A`, answered so.
fn after(include: bool, listed_methods: &str, listed_headers: &str) -> PreflightCache {
    let scene = Scene::send("PUT", B).with("X-A", "1");
    let scene = if include { scene.include() } else { scene };
    let lines = [OWN, WITH, methods(listed_methods), headers(listed_headers), max_age("10")];
    let mut scene = scene.preflight(204, &lines);
    assert!(scene.run().exposed_headers.is_some());
    scene.cache
}

/// Whether this scene is spared its preflight by that cache.
fn spared(cache: &PreflightCache, mut scene: Scene) -> bool {
    scene.cache = cache.clone();
    scene.run().trace.hops[0].preflight.is_none()
}

#[test]
fn an_entry_is_for_one_method_or_one_name() {
    let cache = after(false, "PUT, DELETE", "x-a, X-B");
    assert_eq!(cache.len(), 4);
    for good in [
        Scene::send("PUT", B),
        Scene::send("DELETE", B),
        Scene::get(B).with("x-b", "1"),
        Scene::send("PUT", B).with("X-A", "9").with("X-B", "9"),
    ] {
        assert!(spared(&cache, good));
    }
    for bad in [
        Scene::send("PATCH", B),
        Scene::send("put2", B),
        Scene::get(B).with("X-C", "1"),
        Scene::send("PUT", B).with("X-A", "1").with("X-C", "1"),
        Scene::send("PATCH", B).with("X-A", "1"),
    ] {
        assert!(!spared(&cache, bad));
    }
}

#[test]
fn url_origin_and_partition_have_to_be_the_same() {
    let cache = after(false, "PUT", "x-a");
    assert!(spared(&cache, Scene::send("PUT", B)));
    for url in [
        "https://b.example/",
        "https://b.example/x?",
        "https://b.example/x#f",
        "https://b.example:8443/x",
    ] {
        assert!(!spared(&cache, Scene::send("PUT", url)), "{url}");
    }
    for page in ["https://www.a.example", "http://a.example", "https://a.example:8443", "null"] {
        assert!(!spared(&cache, Scene::send("PUT", B).page(page)), "{page}");
    }
}

#[test]
fn credentials_serve_without_but_not_the_other_way_round() {
    let with = after(true, "PUT", "x-a");
    let without = after(false, "PUT", "x-a");
    for include in [true, false] {
        let scene =
            || if include { Scene::send("PUT", B).include() } else { Scene::send("PUT", B) };
        assert!(spared(&with, scene()));
        assert_eq!(spared(&without, scene()), !include);
        let mut separating = scene();
        separating.agent.cache_separates_credentials = true;
        assert_eq!(spared(&with, separating), include);
    }
}

#[test]
fn a_cached_star_is_a_wildcard_but_not_for_authorization() {
    let cache = after(false, "*", "*");
    assert_eq!(cache.len(), 2);
    assert!(spared(&cache, Scene::send("PATCH", B).with("X-Z", "1")));
    assert!(!spared(&cache, Scene::get(B).with("Authorization", "x")));
    let change = |change: fn(&mut UserAgent), mut scene: Scene| {
        change(&mut scene.agent);
        spared(&cache, scene)
    };
    assert!(!change(|agent| agent.cached_wildcard_is_literal = true, Scene::send("PATCH", B)));
    assert!(change(
        |agent| agent.cached_wildcard_covers_authorization = true,
        Scene::get(B).with("Authorization", "x")
    ));
}

#[test]
fn a_star_cached_with_credentials_is_a_wildcard_by_the_letter() {
    let cache = after(true, "PUT, *", "x-a");
    assert!(spared(&cache, Scene::send("PATCH", B).include()));
    let mut literal = Scene::send("PATCH", B).include();
    literal.agent.cached_wildcard_with_credentials_is_literal = true;
    assert!(!spared(&cache, literal.clone()));
    literal.init.method = b"*".to_vec();
    assert!(spared(&cache, literal));
}

#[test]
fn an_update_changes_the_age_but_not_the_clock() {
    let mut scene = Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT"), max_age("10")]);
    scene.run();
    // A header that is not cached asks again, and PUT gets 20 seconds from second zero on.
    let mut again = Scene::send("PUT", B).with("X-A", "1").at(9);
    again = again.preflight(204, &[ANY, methods("PUT"), headers("x-a"), max_age("20")]);
    for (restarts, until) in [(false, 20), (true, 29)] {
        again.cache = scene.cache.clone();
        again.agent.cache_update_restarts_clock = restarts;
        let mut again = again.clone();
        again.run();
        assert_eq!(again.cache.len(), 2);
        assert!(spared(&again.cache, Scene::send("PUT", B).at(until - 1)));
        assert!(!spared(&again.cache, Scene::send("PUT", B).at(until)));
        assert!(spared(&again.cache, Scene::get(B).with("X-A", "1").at(28)));
    }
}

#[test]
fn listing_it_twice_stores_it_once() {
    assert_eq!(after(false, "PUT, PUT", "x-a, X-A, x-a").len(), 2);
    assert_eq!(after(false, "*, PUT", "*, x-a").len(), 2);
}

#[test]
fn a_replacing_cache_forgets_what_it_had() {
    let mut scene = Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT"), max_age("100")]);
    scene.agent.cache_replaces_entries = true;
    scene.run();
    let mut other =
        Scene::send("DELETE", B).preflight(204, &[ANY, methods("DELETE"), max_age("100")]);
    other.agent = scene.agent.clone();
    other.cache = scene.cache.clone();
    other.run();
    assert!(!spared(&other.cache, Scene::send("PUT", B)));
    assert!(spared(&other.cache, Scene::send("DELETE", B)));
}

#[test]
fn a_network_error_behind_a_preflight_clears_the_entries_of_its_url() {
    let cache = after(false, "PUT", "x-a");
    let failing = |survives| {
        let mut scene = Scene::send("PUT", B).answer(200, &[]);
        scene.agent.cache_survives_network_errors = survives;
        scene.cache = cache.clone();
        let fetched = scene.run();
        assert_eq!(fetched.trace.decided_by.slug, "allow-origin-missing");
        (
            scene.cache.len(),
            fetched.trace.events.iter().any(|event| event.step.slug == "cache-cleared"),
        )
    };
    assert_eq!(failing(false), (0, true));
    assert_eq!(failing(true), (2, false));
    // One that never was on that way clears nothing.
    let mut simple = Scene::get(B).answer(200, &[]);
    simple.cache = cache.clone();
    simple.run();
    assert_eq!(simple.cache.len(), 2);
}

#[test]
fn after_a_redirect_it_is_the_last_url_that_is_cleared() {
    let c = "https://c.example/";
    let mut scene = Scene::send("PUT", B)
        .both((204, &[OWN, methods("PUT"), max_age("100")]), (307, &[OWN, ("Location", c)]))
        .both((204, &[ANY, methods("PUT"), max_age("100")]), (200, &[]));
    let fetched = scene.run();
    assert_eq!(
        (fetched.trace.decided_by.slug, fetched.trace.blocked_hop),
        ("allow-origin-missing", Some(1))
    );
    assert_eq!(scene.cache.len(), 1);
    assert!(spared(&scene.cache, Scene::send("PUT", B)));
}

#[test]
fn tainted_requests_have_entries_of_their_own() {
    let c = "https://c.example/";
    let mut scene = Scene::send("PUT", B)
        .both((204, &[OWN, methods("PUT"), max_age("100")]), (307, &[OWN, ("Location", c)]))
        .preflight(204, &[ANY, methods("PUT"), max_age("100")]);
    assert!(scene.run().exposed_headers.is_some());
    assert!(!spared(&scene.cache, Scene::send("PUT", c)));
    assert!(spared(&scene.cache, Scene::send("PUT", B)));
    assert!(scene.run().trace.hops.iter().all(|hop| hop.preflight.is_none()));
}
