//! Checking a run round by round.
//!
//! Between two rounds all threads meet, so no call is under way: what each key may hold is all that
//! has to be remembered. Within a round, keys are checked independently, on all cores.

use crate::event::{Event, State};
use crate::record::Record;
use crate::sweep::Sweep;
use std::sync::Mutex;

/// A run: what each key may hold by now.
#[derive(Clone, Debug)]
pub struct History {
    states: Vec<Vec<State>>,
    /// The round's records by key; kept for its memory.
    sorted: Vec<Record>,
    /// The most configurations that any key had at once.
    pub largest: usize,
    /// Records checked, and those of calls that began while another was under way at their key.
    pub checked: usize,
    pub overlaps: usize,
}

/// A key whose records are not linearizable.
#[derive(Clone, Debug)]
pub struct Violation {
    pub key: u32,
    /// The key's records of the round.
    pub records: Vec<Record>,
    /// What the key may have held before the round, and just before the return at which no order
    /// was left.
    pub before: Vec<State>,
    pub held: Vec<State>,
    /// The record that returned then.
    pub stuck: usize,
}

impl History {
    /// A run on so many keys, all absent.
    pub fn new(keys: usize) -> History {
        History {
            states: vec![vec![None]; keys],
            sorted: Vec::new(),
            largest: 0,
            checked: 0,
            overlaps: 0,
        }
    }

    /// What each key may hold by now.
    pub fn states(&self) -> &[Vec<State>] {
        &self.states
    }

    /// Checks a round on so many cores; what each thread recorded is one slice.
    pub fn check(&mut self, round: &[&[Record]], cores: usize) -> Result<(), Box<Violation>> {
        let ends = self.sort(round);
        let mut rest = self.sorted.as_slice();
        let mut taken = 0;
        let mut work: Vec<_> = Vec::new();
        for (key, (states, end)) in self.states.iter_mut().zip(ends).enumerate() {
            let (of_key, others) = rest.split_at(end - taken);
            (rest, taken) = (others, end);
            if !of_key.is_empty() {
                work.push((key, states, of_key));
            }
        }
        // The longest first, so that no core ends long after the others.
        work.sort_by_key(|(_, _, records)| std::cmp::Reverse(records.len()));
        let work = Mutex::new(work.into_iter());
        let check = || -> Result<Sweep, Box<Violation>> {
            let mut sweep = Sweep::default();
            let mut events = Vec::new();
            loop {
                let Some((key, states, records)) = work.lock().expect("no panic").next() else {
                    return Ok(sweep);
                };
                check_key(&mut sweep, &mut events, key, states, records)?;
            }
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..cores).map(|_| scope.spawn(check)).collect();
            let own = check();
            let others = others.into_iter().map(|core| core.join().expect("no panic"));
            others.chain([own]).collect()
        });
        self.checked += self.sorted.len();
        for result in results {
            let sweep = result?;
            self.largest = self.largest.max(sweep.largest);
            self.overlaps += sweep.overlaps;
        }
        Ok(())
    }

    /// Sorts a round's records by key, in each key by thread; returns where each key's end.
    fn sort(&mut self, round: &[&[Record]]) -> Vec<usize> {
        let mut ends = vec![0usize; self.states.len()];
        for record in round.iter().copied().flatten() {
            ends[record.key as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            (*end, total) = (total, total + *end);
        }
        let Some(any) = round.iter().copied().flatten().next() else { return ends };
        self.sorted.clear();
        self.sorted.resize(total, *any);
        for record in round.iter().copied().flatten() {
            let place = &mut ends[record.key as usize];
            self.sorted[*place] = *record;
            *place += 1;
        }
        ends
    }
}

fn check_key(
    sweep: &mut Sweep,
    events: &mut Vec<Event>,
    key: usize,
    states: &mut Vec<State>,
    records: &[Record],
) -> Result<(), Box<Violation>> {
    events.clear();
    events.extend(records.iter().map(Record::event));
    let before = states.clone();
    sweep.run(states, events).map_err(|stuck| {
        let (key, records) = (key as u32, records.to_vec());
        Box::new(Violation { key, records, before, held: stuck.states, stuck: stuck.event })
    })
}
