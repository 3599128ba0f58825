//! The guard of one call: its own, or that of somebody who makes many.
//!
//! A call has its guard as a value, and hands it on to whatever ends it (`Guard::leave_with`), so that nothing is
//! left to be done behind what is called out of line. To make one takes no call itself, but for a thread's first,
//! which has to claim a participant: that is out of line as well, and so is all of the call that it is for.

use super::collect::Guard;
use super::{Pin, Reclaim};

/// What keeps the pin of a call. One type, so that what is out of line is there once, whoever pins.
pub(crate) enum CallGuard<'g, R: Reclaim + 'g> {
    Own(R::Guard<'g>),
    /// Somebody else's guard keeps it, for longer.
    Kept(Pin<'g>),
}

impl<'g, R: Reclaim> CallGuard<'g, R> {
    /// Of the pin that is kept, or else one of its own; `None` if this thread has no participant at hand yet.
    #[inline(always)]
    pub(crate) fn try_new(reclaim: &'g R, kept: Option<Pin<'g>>) -> Option<Self> {
        match kept {
            Some(pin) => Some(CallGuard::Kept(pin)),
            None => reclaim.try_pin().map(CallGuard::Own),
        }
    }

    /// As `try_new`; claims a participant, if it must.
    #[inline]
    pub(crate) fn new(reclaim: &'g R, kept: Option<Pin<'g>>) -> Self {
        kept.map_or_else(|| CallGuard::Own(reclaim.pin()), CallGuard::Kept)
    }
}

impl<R: Reclaim> Guard for CallGuard<'_, R> {
    #[inline(always)]
    fn as_pin(&self) -> Pin<'_> {
        match self {
            CallGuard::Own(guard) => guard.as_pin(),
            CallGuard::Kept(pin) => *pin,
        }
    }

    #[inline(always)]
    fn leave_with<T>(self, value: T) -> T {
        match self {
            CallGuard::Own(guard) => guard.leave_with(value),
            CallGuard::Kept(_) => value,
        }
    }
}
