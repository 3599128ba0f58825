//! Who runs when. Taking turns, one thread runs at a time, and the input says where it hands over:
//! between calls, and wherever the map runs the user's code, in the middle of a call. The thread that
//! waits there holds nothing that the other needs, or the run hangs, which is a finding.

use std::sync::{Condvar, Mutex};
use std::thread;

pub struct Conductor {
    takes_turns: bool,
    turn: Mutex<Turn>,
    moved: Condvar,
}

struct Turn {
    of: usize,
    ended: [bool; 2],
    /// Two bits for each point: hand over where both are set.
    score: u128,
    /// What is left of the changes that a run may have: each costs a wait for the processor.
    changes: usize,
}

impl Conductor {
    pub fn new(takes_turns: bool, score: u128) -> Self {
        let turn = Turn { of: 0, ended: [false; 2], score, changes: 100 };
        Conductor { takes_turns, turn: Mutex::new(turn), moved: Condvar::new() }
    }

    /// Waits for the first turn.
    pub fn begin(&self, me: usize) {
        if self.takes_turns {
            self.wait(me, |_| {});
        }
    }

    /// A point where the thread may hand over.
    pub fn point(&self, me: usize) {
        let next = |turn: &mut Turn| {
            turn.score = turn.score.rotate_right(2);
            let change = turn.score & 3 == 3 && turn.changes > 0;
            turn.changes -= usize::from(change);
            change
        };
        if self.takes_turns {
            self.wait(me, |turn| {
                if next(turn) && !turn.ended[1 - me] {
                    turn.of = 1 - me;
                }
            });
        } else if next(&mut self.turn.lock().expect("no panic")) {
            thread::yield_now();
        }
    }

    fn wait(&self, me: usize, change: impl FnOnce(&mut Turn)) {
        let mut turn = self.turn.lock().expect("no panic");
        change(&mut turn);
        if turn.of != me {
            self.moved.notify_all();
            drop(self.moved.wait_while(turn, |turn| turn.of != me).expect("no panic"));
        }
    }

    /// The thread has made all its calls, or panics.
    pub fn end(&self, me: usize) {
        let mut turn = self.turn.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        turn.ended[me] = true;
        turn.of = 1 - me;
        self.moved.notify_all();
    }
}
