//! The checker for any order: depth first, with a memo of dead ends. For short histories.

use crate::event::{Left, Saw, State};
use std::collections::HashSet;

/// Whether calls that saw and left this can be put in a line in which each sees what the one before
/// it left, beginning with nothing. `needs` has, for each, those that must come before it, as bits.
///
/// # Panics
/// If there are more than 64.
pub fn can_be_lined_up(calls: &[(Saw, Left)], needs: &[u64]) -> bool {
    assert!(calls.len() <= 64, "a longer history needs a larger mask");
    search(calls, needs, 0, None, &mut HashSet::new())
}

fn search(
    calls: &[(Saw, Left)],
    needs: &[u64],
    done: u64,
    state: State,
    dead: &mut HashSet<(u64, State)>,
) -> bool {
    if done.count_ones() as usize == calls.len() {
        return true;
    }
    if dead.contains(&(done, state)) {
        return false;
    }
    for (i, (saw, left)) in calls.iter().enumerate() {
        let ready = done & 1 << i == 0 && needs[i] & !done == 0;
        if ready
            && saw.admits(state)
            && search(calls, needs, done | 1 << i, left.after(state), dead)
        {
            return true;
        }
    }
    dead.insert((done, state));
    false
}
