//! Is a history linearizable? A recorder for real runs, and the checker for its records.
//!
//! # One key at a time
//!
//! A map is linearizable if and only if each of its keys is, taken alone (Herlihy and Wing's
//! locality). So a history of millions of calls falls apart into one short line of values per key,
//! and every question is asked of one key: a register that holds a value or nothing.
//!
//! Calls on the whole map fit in: their contracts speak of each key by itself. An iteration is a
//! read of every key, each at its own moment of the iteration: of what was yielded, and of *absent*
//! where nothing was ("present throughout is yielded" says the same as "not yielded was absent at
//! some moment"). Draining, retaining and clearing are a removal of every key in the same way.
//!
//! # What an event says
//!
//! Every value that a run writes is written once, so a value names its write. An [`Event`] says
//! what the call saw, what it left, and an interval of time in which it happened: from a moment
//! before the call to a moment after the return. The history is linearizable if each event can be
//! given a moment in its interval so that, in the order of these moments, each event sees what the
//! one before it left.
//!
//! # The search
//!
//! [`sweep`] looks for such moments as time passes over the events (just-in-time linearization,
//! after Lowe). It keeps every *configuration* that is still possible: what the key holds now, and
//! which of the calls that are under way have had their moment. At a call nothing has to be
//! decided. At a return the call must have had its moment: in each configuration where it has not,
//! the calls under way are tried, in every order that ends with this one. A configuration in which
//! it cannot be had is dropped; when none is left, the history is not linearizable, and this return
//! is the first at which that shows.
//!
//! *Nothing is missed.* Take a line of moments that proves the history linearizable, and at each
//! return give their moments to the calls of that line up to the one that returns, as far as they
//! have not had them, in order. All of them are under way: their moments in the line come before
//! this one's, so they have been called. These are orders that the search tries. *Nothing is let
//! through.* Every configuration is reached by calls that saw what was there, each between its call
//! and its return.
//!
//! A call that changes nothing is given its moment as soon as a configuration has what it saw: a
//! line of moments that has it later is still a line without it there. This keeps the set small:
//! its size is the number of orders of *writes* that overlap and that nobody has told apart yet,
//! mostly 1. The time is linear in the history, exponential only in the calls that overlap at one
//! key.
//!
//! # Intervals
//!
//! The interval may be too wide, never too narrow: [`clock`] says how the stamps are kept outside
//! the call. Equal stamps count as overlapping. A run is cut into rounds, between which all threads
//! meet; so no call is under way there, and what a key may hold is all that passes from one round
//! to the next ([`rounds`]).
//!
//! Where time is not one line (under loom, a thread may read what is stale to whoever watches the
//! whole), [`orders`] searches all orders that respect a relation; it is for short histories.

pub mod clock;
pub mod event;
pub mod orders;
pub mod record;
pub mod report;
pub mod rounds;
pub mod sweep;

pub use event::{Event, Left, Saw, State};
