//! The checker for intervals of time: see the crate's documentation for why it is right.

use crate::event::{Event, Left, Saw, State};

/// What is still possible: what the key holds, and which of the calls under way had their moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Config {
    state: State,
    done: u64,
}

/// No configuration was left when this event (by its place) returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    pub event: usize,
    /// What the key may have held just before.
    pub states: Vec<State>,
}

/// A checker, whose memory serves one history after the other.
#[derive(Debug)]
pub struct Sweep {
    /// Calls and returns: the time and which of both, and the event's place.
    line: Vec<(u64, u32)>,
    configs: Vec<Config>,
    next: Vec<Config>,
    out: Vec<Config>,
    /// Calls under way, each with a bit: what they do, and which only look.
    open: [(Saw, Left); 64],
    live: u64,
    looks: u64,
    /// The bit of each event that is under way.
    bits: Vec<u8>,
    /// The most configurations there were at once, in all histories so far.
    pub largest: usize,
    /// Calls that began while another was under way.
    pub overlaps: usize,
}

impl Default for Sweep {
    fn default() -> Self {
        Sweep {
            line: Vec::new(),
            configs: Vec::new(),
            next: Vec::new(),
            out: Vec::new(),
            open: [(Saw::Any, Left::Same); 64],
            live: 0,
            looks: 0,
            bits: Vec::new(),
            largest: 0,
            overlaps: 0,
        }
    }
}

impl Sweep {
    /// Checks the events of one key. `states` is what it may hold before them, and then what it may
    /// hold after them.
    ///
    /// # Panics
    /// If more than 64 calls overlap, or `states` is empty.
    pub fn run(&mut self, states: &mut Vec<State>, events: &[Event]) -> Result<(), Stuck> {
        assert!(!states.is_empty(), "a key holds something, or nothing");
        self.configs.clear();
        self.configs.extend(states.iter().map(|state| Config { state: *state, done: 0 }));
        (self.live, self.looks) = (0, 0);
        self.bits.clear();
        self.bits.resize(events.len(), 0);
        self.lay_out(events);
        for i in 0..self.line.len() {
            let (time, place) = self.line[i];
            let event = place as usize;
            if time & 1 == 0 {
                self.call(event, events[event]);
            } else if !self.give_back(event) {
                let mut states: Vec<State> = self.configs.iter().map(|c| c.state).collect();
                states.dedup();
                return Err(Stuck { event, states });
            }
        }
        states.clear();
        // Sorted, and without doubles, since no call is under way.
        states.extend(self.configs.iter().map(|config| config.state));
        states.dedup();
        Ok(())
    }

    /// The calls and returns in the order of time; of equal times the calls first, so that they
    /// overlap.
    fn lay_out(&mut self, events: &[Event]) {
        self.line.clear();
        for (i, event) in events.iter().enumerate() {
            assert!(event.begin <= event.end && event.end < 1 << 63, "{event:?}: no interval");
            self.line.push((event.begin << 1, i as u32));
            self.line.push((event.end << 1 | 1, i as u32));
        }
        // Stable: it finds the runs of each thread, and merges them.
        self.line.sort_by_key(|(time, _)| *time);
    }

    fn call(&mut self, event: usize, Event { saw, left, .. }: Event) {
        let slot = (!self.live).trailing_zeros() as usize;
        assert!(slot < 64, "more than 64 calls at once on one key");
        let bit = 1 << slot;
        self.overlaps += usize::from(self.live != 0);
        self.bits[event] = slot as u8;
        self.open[slot] = (saw, left);
        self.live |= bit;
        if left == Left::Same {
            self.looks |= bit;
            for config in self.configs.iter_mut().filter(|config| saw.admits(config.state)) {
                config.done |= bit;
            }
        }
    }

    /// The event returns: it must have had its moment. `false` if it cannot have had.
    fn give_back(&mut self, event: usize) -> bool {
        let bit = 1 << self.bits[event];
        let had = |config: &Config| config.done & bit != 0;
        // As it mostly is: a call that only looks, and had its moment at once.
        if !self.configs.iter().all(had) {
            self.search(bit);
            if self.out.is_empty() {
                return false;
            }
            std::mem::swap(&mut self.configs, &mut self.out);
        }
        self.live &= !bit;
        self.looks &= !bit;
        for config in &mut self.configs {
            config.done &= !bit;
        }
        if self.configs.len() > 1 {
            self.configs.sort_unstable();
            self.configs.dedup();
            self.largest = self.largest.max(self.configs.len());
        }
        self.largest = self.largest.max(1);
        true
    }

    /// From every configuration to those in which the call with this bit has had its moment, by as
    /// few moments as it takes: they are in `out` then.
    fn search(&mut self, bit: u64) {
        self.out.clear();
        let mut now = std::mem::take(&mut self.next);
        now.clear();
        now.extend_from_slice(&self.configs);
        let mut later = Vec::new();
        while !now.is_empty() {
            for config in now.drain(..) {
                if config.done & bit != 0 {
                    self.out.push(config);
                    continue;
                }
                let mut left = self.live & !config.done & !self.looks;
                while left != 0 {
                    let slot = left.trailing_zeros() as usize;
                    left &= left - 1;
                    let (saw, leaves) = self.open[slot];
                    if saw.admits(config.state) {
                        let state = leaves.after(config.state);
                        later.push(self.settled(state, config.done | 1 << slot));
                    }
                }
            }
            later.sort_unstable();
            later.dedup();
            std::mem::swap(&mut now, &mut later);
        }
        self.next = now;
    }

    /// A configuration in which every call that only looks, and can, has had its moment.
    fn settled(&self, state: State, mut done: u64) -> Config {
        let mut looks = self.looks & !done;
        while looks != 0 {
            let slot = looks.trailing_zeros() as usize;
            looks &= looks - 1;
            if self.open[slot].0.admits(state) {
                done |= 1 << slot;
            }
        }
        Config { state, done }
    }
}

/// Whether the events of one key, which begins with nothing, are linearizable.
pub fn is_linearizable(events: &[Event]) -> bool {
    Sweep::default().run(&mut vec![None], events).is_ok()
}
