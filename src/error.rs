//! Errors that calls return instead of panicking.

use core::alloc::Layout;
use core::fmt;

/// An allocation failed; the layout is what could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocError(pub(crate) Layout);

/// Why room could not be made.
///
/// The call that returned it changed nothing.
///
/// ```
/// use dolmen::HashMap;
///
/// let map: HashMap<u64, u64> = HashMap::new();
/// let error = map.try_reserve(usize::MAX).unwrap_err();
/// assert_eq!(error.to_string(), "capacity overflow");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryReserveError(pub(crate) Reason);

/// Room for more than the address space holds, or more than the allocator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Capacity,
    Alloc(AllocError),
}

impl TryReserveError {
    /// Does what an infallible call does with this error: panics on a capacity that cannot be,
    /// and calls [`handle_alloc_error`](std::alloc::handle_alloc_error) when memory ran out.
    #[cold]
    pub(crate) fn raise(&self) -> ! {
        match self.0 {
            Reason::Capacity => panic!("capacity overflow"),
            Reason::Alloc(AllocError(layout)) => std::alloc::handle_alloc_error(layout),
        }
    }
}

impl From<AllocError> for TryReserveError {
    fn from(error: AllocError) -> Self {
        TryReserveError(Reason::Alloc(error))
    }
}

impl fmt::Display for TryReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::Capacity => f.write_str("capacity overflow"),
            Reason::Alloc(AllocError(layout)) => {
                write!(f, "memory allocation of {} bytes failed", layout.size())
            }
        }
    }
}

impl std::error::Error for TryReserveError {}
