//! What a call did to its key.

/// What a key holds: a value, or nothing.
pub type State = Option<u64>;

/// What a call found at its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Saw {
    /// This value, or none.
    Is(State),
    /// Some value; the call does not say which.
    Present,
    /// None, or this value (a removal that may have come too late).
    NoneOr(u64),
    /// It does not say.
    Any,
}

impl Saw {
    /// Whether a call that says so can have been made on this state.
    #[inline(always)]
    pub fn admits(self, state: State) -> bool {
        match self {
            Saw::Is(saw) => saw == state,
            Saw::Present => state.is_some(),
            Saw::NoneOr(value) => state.is_none() || state == Some(value),
            Saw::Any => true,
        }
    }
}

/// What a call left there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Left {
    Same,
    Value(u64),
    Nothing,
    /// So much more than what was there; nothing where there was nothing.
    Added(u64),
    /// So much more than what was there, or than zero.
    Counted(u64),
}

impl Left {
    /// The state after it.
    #[inline(always)]
    pub fn after(self, state: State) -> State {
        match self {
            Left::Same => state,
            Left::Value(value) => Some(value),
            Left::Nothing => None,
            Left::Added(by) => state.map(|value| value.wrapping_add(by)),
            Left::Counted(by) => Some(state.unwrap_or(0).wrapping_add(by)),
        }
    }
}

/// One call on one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// A moment before the call, and one after its return. It took effect between them, or at one
    /// of them.
    pub begin: u64,
    pub end: u64,
    pub saw: Saw,
    pub left: Left,
}
