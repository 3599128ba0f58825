//! What threads do side by side, in a model.

use crate::checker::{Gate, JoinHandle, spawn};
use std::sync::Arc;

/// Told before (true) and after (false) what each thread does.
pub type Mark = Arc<dyn Fn(usize, bool) + Send + Sync>;

/// A mark that is not wanted.
pub fn unmarked() -> Mark {
    Arc::new(|_, _| ())
}

/// Runs `act` for each list of operations, in threads of their own; the first in this one.
pub fn side_by_side<O: Copy + Send + 'static>(
    threads: &[Vec<O>],
    mark: &Mark,
    act: impl Fn(usize, O) + Clone + Send + 'static,
) {
    let gate = Arc::new(Gate::new(threads.len()));
    let all = |thread: usize| {
        let (ops, mark, gate, act) =
            (threads[thread].clone(), mark.clone(), gate.clone(), act.clone());
        move || {
            gate.pass();
            mark(thread, true);
            ops.into_iter().for_each(|op| act(thread, op));
            mark(thread, false);
        }
    };
    let others: Vec<JoinHandle<()>> = (1..threads.len()).map(|thread| spawn(all(thread))).collect();
    all(0)();
    others.into_iter().for_each(|thread| thread.join().unwrap());
}
