//! Fetch 2.2: HTTP, one file a heading.

pub(crate) mod extract;
pub(crate) mod headers;
pub(crate) mod methods;
pub(crate) mod origin_header;
pub(crate) mod requests;
pub(crate) mod responses;
pub(crate) mod safelist;
pub(crate) mod statuses;
