//! What a run came to, for people: on the terminal and as a page.

pub mod html;
pub mod text;
