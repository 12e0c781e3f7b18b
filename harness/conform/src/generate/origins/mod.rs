//! Origins: the ones that pages have, and the look-alikes that attackers register.

pub mod change;
pub mod combination;
pub mod engines;
mod needs;
mod parts;
pub mod recipe;

pub use change::{OriginChange, PRODUCIBLE, RAW};
pub use combination::Combination;
pub use recipe::{OriginRecipe, RealizedOrigin};
