//! The guard of one call: its own, or that of somebody who makes many.

use super::collect::Guard;
use super::{Pin, Reclaim};

/// What keeps the pin of a call. One type, so that what is out of line is there once, whoever pins.
pub(crate) enum CallGuard<'g, R: Reclaim + 'g> {
    Own(R::Guard<'g>),
    /// Somebody else's guard keeps it, for longer.
    Kept(Pin<'g>),
}

impl<'g, R: Reclaim> CallGuard<'g, R> {
    /// Of the pin that is kept, or else one of its own, if that takes no call; `None` belongs out of line.
    #[inline(always)]
    pub(crate) fn try_new(reclaim: &'g R, kept: Option<Pin<'g>>) -> Option<Self> {
        match kept {
            Some(pin) => Some(CallGuard::Kept(pin)),
            None => reclaim.try_pin().map(CallGuard::Own),
        }
    }

    /// As `try_new`, whatever it takes.
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
