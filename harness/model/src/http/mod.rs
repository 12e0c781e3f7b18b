//! Headings of Fetch §2.2 (HTTP), §3 (HTTP extensions) and §5.1 (Headers class).

pub mod extract;
pub mod forbidden;
pub mod headers;
pub mod headers_object;
pub mod methods;
pub mod origin_header;
pub mod port_blocking;
pub mod requests;
pub mod resource_policy;
pub mod responses;
pub mod safelist;
pub mod single_range;
pub mod statuses;
