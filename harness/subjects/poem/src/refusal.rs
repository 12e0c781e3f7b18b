//! How the package refuses: it panics, and its words are in the panic.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
}

static QUIET_WHILE_CATCHING: Once = Once::new();

/// What this makes, or the words with which it panics, of which nothing is printed.
pub(crate) fn catch<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    QUIET_WHILE_CATCHING.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                previous(info);
            }
        }));
    });
    CATCHING.set(true);
    let made = panic::catch_unwind(AssertUnwindSafe(make));
    CATCHING.set(false);
    made.map_err(|payload| words(&*payload))
}

fn words(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without words".to_owned()
    }
}
