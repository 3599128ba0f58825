//! The checker against stateright's, which knows calls and returns, threads and answers, and shares
//! no code or idea with it.

mod common;

use common::{Rng, random_history};
use dolmen_histories::sweep::is_linearizable;
use dolmen_histories::{Event, Left, Saw, State};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

/// What a key is to stateright: an operation is what it leaves, and how much its answer says of
/// what it saw; the answer is what it says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key(State);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Call(Saw, Left);

impl SequentialSpec for Key {
    type Op = Call;
    /// Whether it can have seen what it says.
    type Ret = bool;

    fn invoke(&mut self, Call(saw, left): &Call) -> bool {
        let admitted = saw.admits(self.0);
        self.0 = left.after(self.0);
        admitted
    }
}

fn by_stateright(events: &[Event]) -> bool {
    // Each call in a thread of its own: what ended before another began comes before it all the
    // same.
    let mut line: Vec<(u64, bool, usize)> = Vec::new();
    for (i, event) in events.iter().enumerate() {
        line.extend([(event.begin, false, i), (event.end, true, i)]);
    }
    line.sort_unstable();
    let mut tester = LinearizabilityTester::new(Key(None));
    for (_, returns, i) in line {
        let done = if returns {
            tester.on_return(i, true).map(drop)
        } else {
            tester.on_invoke(i, Call(events[i].saw, events[i].left)).map(drop)
        };
        done.expect("a well-formed history");
    }
    tester.is_consistent()
}

#[test]
fn agrees_with_stateright() {
    let mut rng = Rng(0x51ed_270b_7a1c_9e4d);
    let mut yes = 0;
    for round in 0..30_000u32 {
        let calls = 2 + rng.below(6) as usize;
        let events = random_history(&mut rng, calls, round.is_multiple_of(3));
        let expected = by_stateright(&events);
        assert_eq!(is_linearizable(&events), expected, "{events:#?}");
        yes += u32::from(expected);
    }
    println!("{yes} of 30000 linearizable");
    assert!((6_000..24_000).contains(&yes));
}
