//! What a thread writes down about its calls.

use crate::clock::Clock;
use crate::event::{Event, Left, Saw};

/// A call, in 40 bytes: an [`Event`], its key, its verb and its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub begin: u64,
    pub end: u64,
    saw: u64,
    left: u64,
    pub key: u32,
    /// As the run numbers its verbs.
    pub verb: u8,
    pub thread: u8,
    kinds: u8,
}

const IS: u8 = 0;
const ABSENT: u8 = 1;
const PRESENT: u8 = 2;
const NONE_OR: u8 = 3;
const ANY: u8 = 4;
const SAME: u8 = 0;
const VALUE: u8 = 1 << 4;
const NOTHING: u8 = 2 << 4;
const ADDED: u8 = 3 << 4;
const COUNTED: u8 = 4 << 4;

impl Record {
    pub fn new(key: u32, verb: u8, thread: u8, event: Event) -> Record {
        let (saw_kind, saw) = match event.saw {
            Saw::Is(Some(value)) => (IS, value),
            Saw::Is(None) => (ABSENT, 0),
            Saw::Present => (PRESENT, 0),
            Saw::NoneOr(value) => (NONE_OR, value),
            Saw::Any => (ANY, 0),
        };
        let (left_kind, left) = match event.left {
            Left::Same => (SAME, 0),
            Left::Value(value) => (VALUE, value),
            Left::Nothing => (NOTHING, 0),
            Left::Added(by) => (ADDED, by),
            Left::Counted(by) => (COUNTED, by),
        };
        let Event { begin, end, .. } = event;
        Record { begin, end, saw, left, key, verb, thread, kinds: saw_kind | left_kind }
    }

    pub fn event(&self) -> Event {
        let saw = match self.kinds & 15 {
            IS => Saw::Is(Some(self.saw)),
            ABSENT => Saw::Is(None),
            PRESENT => Saw::Present,
            NONE_OR => Saw::NoneOr(self.saw),
            _ => Saw::Any,
        };
        let left = match self.kinds & !15 {
            SAME => Left::Same,
            VALUE => Left::Value(self.left),
            ADDED => Left::Added(self.left),
            COUNTED => Left::Counted(self.left),
            _ => Left::Nothing,
        };
        Event { begin: self.begin, end: self.end, saw, left }
    }
}

/// When a call began and ended.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub begin: u64,
    pub end: u64,
}

/// One thread's records of one round, in memory that was there before it.
#[derive(Debug)]
pub struct Recorder {
    pub clock: Clock,
    pub records: Vec<Record>,
    /// How many it takes in this round.
    quota: usize,
    thread: u8,
    round: u64,
    /// Calls that were given a value to write.
    given: u64,
    /// Bits that every other value has besides: for maps that keep large values elsewhere.
    pub large: u64,
}

/// Records beyond the quota: a call may leave one for each of many keys.
const SPARE: usize = 1 << 13;
/// Values that one call may write: a closure that runs again makes another.
pub const TRIES: u64 = 16;

impl Recorder {
    pub fn new(clock: Clock, thread: u8) -> Recorder {
        Recorder { clock, records: Vec::new(), quota: 0, thread, round: 0, given: 0, large: 0 }
    }

    pub fn thread(&self) -> u8 {
        self.thread
    }

    /// Forgets its records, and begins a round of so many.
    pub fn begin_round(&mut self, round: usize, quota: usize) {
        self.records.clear();
        self.records.reserve(quota + SPARE);
        self.round = u64::from(u16::try_from(round).expect("65,536 rounds at most"));
        (self.quota, self.given) = (quota, 0);
    }

    /// Whether it has as many records as it takes.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.records.len() >= self.quota
    }

    /// A value that nobody else ever writes, nor any of the `TRIES` that begin with it: the thread,
    /// the round, the key, a number. The four bits above are for the caller.
    #[inline(always)]
    pub fn fresh(&mut self, key: u32) -> u64 {
        self.given += TRIES;
        let large = if self.given & (TRIES * 2) == 0 { 0 } else { self.large };
        let thread = (u64::from(self.thread) + 1) << 56;
        large | thread | self.round << 40 | u64::from(key) << 28 | self.given
    }

    /// Calls `f`, and says when.
    #[inline(always)]
    pub fn time<T>(&self, f: impl FnOnce() -> T) -> (Span, T) {
        let begin = self.clock.before();
        let answer = f();
        let end = self.clock.after();
        (Span { begin, end }, answer)
    }

    /// Writes a call down.
    #[inline(always)]
    pub fn note(&mut self, key: u32, verb: u8, span: Span, saw: Saw, left: Left) {
        let event = Event { begin: span.begin, end: span.end, saw, left };
        self.records.push(Record::new(key, verb, self.thread, event));
    }
}

/// The key that a value was made for.
pub fn key_of(value: u64) -> u32 {
    (value >> 28) as u32 & 0xfff
}

/// A value as people read it: its thread, round and number.
pub fn name_of(value: u64) -> String {
    let Some(thread) = (value >> 56 & 15).checked_sub(1) else { return format!("value {value}") };
    let round = value >> 40 & 0xffff;
    let (number, again) = ((value & 0xfff_ffff) / TRIES, value % TRIES);
    let again = if again == 0 { String::new() } else { format!("+{again}") };
    let above =
        if value >> 60 == 0 { String::new() } else { format!(" and {:x} above", value >> 60) };
    format!("{thread}.{round}.{number}{again}{above}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_the_event_it_was_made_of() {
        let saws = [Saw::Is(Some(7)), Saw::Is(None), Saw::Present, Saw::NoneOr(9), Saw::Any];
        for saw in saws {
            let more = [Left::Added(13), Left::Counted(17)];
            for left in [Left::Same, Left::Value(11), Left::Nothing].into_iter().chain(more) {
                let event = Event { begin: 3, end: 5, saw, left };
                assert_eq!(Record::new(1, 2, 3, event).event(), event);
            }
        }
        assert_eq!(size_of::<Record>(), 40);
    }

    #[test]
    fn values_differ_between_threads_rounds_keys_and_calls() {
        let mut values = Vec::new();
        for thread in 0..3 {
            let mut recorder = Recorder::new(Clock::Shared, thread);
            for round in 0..3 {
                recorder.begin_round(round, 1);
                values.extend([7, 4095, 7].map(|key| recorder.fresh(key)));
            }
        }
        assert_eq!((key_of(values[0]), key_of(values[1])), (7, 4095));
        assert_eq!(
            (name_of(values[2]), name_of(values[2] + 1)),
            ("0.0.3".into(), "0.0.3+1".into())
        );
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 27);
        let mut recorder = Recorder::new(Clock::Shared, 7);
        recorder.large = 1 << 63;
        let made = [(); 4].map(|()| recorder.fresh(4095));
        assert_eq!(made.map(|value| value >> 60), [0, 8, 8, 0]);
        assert!(made.iter().all(|value| key_of(*value) == 4095));
        assert_eq!(name_of(made[1]), "7.0.2 and 8 above");
    }
}
