//! User code that panics at its n-th call, or does something else there.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// User code that a map calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Hash,
    Eq,
    Clone,
    Drop,
    Closure,
}

/// What a planned panic carries.
struct Planned(Code);

/// Called at each piece of user code.
type Hook = Box<dyn FnMut(Code)>;

thread_local! {
    /// The code that panics, and after how many calls.
    static FUSE: Cell<Option<(Code, usize)>> = const { Cell::new(None) };
    static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

/// Called by user code: panics if its time has come.
pub fn tick(code: Code) {
    match FUSE.get() {
        Some((armed, 0)) if armed == code => {
            FUSE.set(None);
            // Not `panic!`: libFuzzer takes its hook for a finding.
            resume_unwind(Box::new(Planned(code)));
        }
        Some((armed, n)) if armed == code => FUSE.set(Some((armed, n - 1))),
        _ => {}
    }
    // Not while it runs already, nor while it is set.
    HOOK.with(|hook| {
        if let Ok(mut hook) = hook.try_borrow_mut()
            && let Some(hook) = hook.as_mut()
        {
            hook(code);
        }
    });
}

/// Has `hook` called, on this thread, at each piece of user code, until it is replaced.
pub fn set_hook(hook: Option<Hook>) {
    HOOK.with(|current| *current.borrow_mut() = hook);
}

/// Runs `call`; `Err` if the planned panic came.
pub fn burn<T>(fuse: Option<(Code, usize)>, call: impl FnOnce() -> T) -> Result<T, Code> {
    let Some(fuse) = fuse else { return Ok(call()) };
    FUSE.set(Some(fuse));
    let result = catch_unwind(AssertUnwindSafe(call));
    FUSE.set(None);
    result.map_err(|panic| match panic.downcast::<Planned>() {
        Ok(planned) => planned.0,
        Err(other) => resume_unwind(other),
    })
}
