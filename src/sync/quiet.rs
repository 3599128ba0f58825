//! Atomics that the checkers do not see: for figures and hints only, on which no invariant rests.
//!
//! `len`, the used slots of a table and what `stats` counts decide when a resize begins and what a
//! caller is told, never what is correct; a schedule point at each would multiply the executions to
//! explore by far, and show nothing.

pub(crate) use core::sync::atomic::{AtomicIsize, AtomicU32, AtomicU64, AtomicUsize};
