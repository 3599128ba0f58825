//! One wrong answer among millions of right ones must be found, and shown in a few lines.
//!
//! The histories are made up: threads with calls one after the other, some of them very long (as if
//! preempted), each taking effect at a random moment of its interval. Then one answer is changed.

mod common;

use common::Rng;
use dolmen_histories::record::Record;
use dolmen_histories::rounds::{History, Violation};
use dolmen_histories::{Event, Left, Saw, State};

const THREADS: u64 = 8;
const KEYS: u64 = 16;
const ROUNDS: u64 = 4;
const CALLS: u64 = 1_000_000;

const VERBS: [&str; 6] = ["get", "insert", "try_insert", "update", "remove", "fetch_add_many_or"];
const GET: u8 = 0;
const TRY_INSERT: u8 = 2;
const UPDATE: u8 = 3;
const REMOVE: u8 = 4;
/// Which does not say what it saw.
const ADD: u8 = 5;

/// The rounds of a run, in the order in which calls took effect.
fn made_up() -> Vec<Vec<Record>> {
    let mut rng = Rng(0x7f4a_7c15_9e37_79b9);
    let mut states: [State; KEYS as usize] = [None; KEYS as usize];
    let (mut now, mut value) = (1, 0);
    (0..ROUNDS)
        .map(|_| {
            let spans = spans(&mut rng, &mut now);
            let mut line = Vec::with_capacity(spans.len());
            for (_, begin, end, thread) in spans {
                let key = rng.below(KEYS);
                let verb = rng.below(VERBS.len() as u64) as u8;
                value += 1;
                let state = &mut states[key as usize];
                let left = match (verb, *state) {
                    (1, _) | (TRY_INSERT, None) | (UPDATE, Some(_)) => Left::Value(value),
                    (REMOVE, Some(_)) => Left::Nothing,
                    (ADD, _) => Left::Counted(value << 40),
                    _ => Left::Same,
                };
                let saw = if verb == ADD { Saw::Any } else { Saw::Is(*state) };
                let event = Event { begin, end, saw, left };
                line.push(Record::new(key as u32, verb, thread as u8, event));
                *state = left.after(*state);
            }
            line
        })
        .collect()
}

/// Moments, begins, ends and threads of a round's calls, in the order of the moments.
fn spans(rng: &mut Rng, now: &mut u64) -> Vec<(u64, u64, u64, u64)> {
    let mut spans = Vec::with_capacity(CALLS as usize);
    let mut last = *now;
    for thread in 0..THREADS {
        let mut time = *now + rng.below(100);
        for _ in 0..CALLS / THREADS {
            let long = rng.below(5_000) == 0;
            let begin = time + rng.below(100);
            let end = begin + rng.below(if long { 50_000 } else { 200 });
            spans.push((begin + rng.below(end - begin + 1), begin, end, thread));
            time = end + 1;
        }
        last = last.max(time);
    }
    *now = last + 1;
    spans.sort_unstable();
    spans
}

/// The run up to the middle of it, and the round that comes then.
fn checked_half() -> (History, Vec<Record>) {
    let mut rounds = made_up();
    let mut history = History::new(KEYS as usize);
    for round in &rounds {
        if let Err(violation) = history.check(&[round], 2) {
            panic!("nothing is wrong with it:\n{}", violation.describe(&VERBS));
        }
    }
    println!("{} calls, at most {} configurations", history.checked, history.largest);
    assert_eq!(history.checked as u64, ROUNDS * CALLS);
    let mut half = History::new(KEYS as usize);
    half.check(&[&rounds[0]], 2).and_then(|()| half.check(&[&rounds[1]], 2)).expect("as before");
    (half, rounds.swap_remove(2))
}

fn changed(record: Record, saw: Saw, left: Left) -> Record {
    let event = Event { saw, left, ..record.event() };
    Record::new(record.key, record.verb, record.thread, event)
}

/// The calls on a call's key before it and after it.
fn before(line: &[Record], i: usize) -> impl Iterator<Item = &Record> {
    line[..i].iter().rev().filter(move |record| record.key == line[i].key)
}

fn after(line: &[Record], i: usize) -> impl Iterator<Item = &Record> {
    line[i + 1..].iter().filter(move |record| record.key == line[i].key)
}

/// Changes the first call from the middle of the round on for which there is a wrong answer.
fn plant(
    what: &str,
    half: &(History, Vec<Record>),
    wrong: impl Fn(&[Record], usize) -> Option<Record>,
) -> Violation {
    let (mut history, mut line) = half.clone();
    let middle = line.len() / 2;
    let planted = (middle..line.len()).find_map(|i| Some((i, wrong(&line, i)?)));
    let (i, record) = planted.expect("there is a place for it");
    line[i] = record;
    // By thread, as it would have been recorded.
    line.sort_by_key(|record| (record.thread, record.begin));
    let violation = *history.check(&[&line], 2).expect_err(what);
    println!("{what}: {}", violation.describe(&VERBS));
    assert_eq!(violation.key, record.key, "{what}: another key");
    let minimal = violation.minimal();
    assert!(minimal.len() <= 8, "{what}: {} records are not minimal", minimal.len());
    violation
}

/// What the last write before a call replaced, if that write had returned when the call began.
fn overwritten(line: &[Record], i: usize) -> Option<u64> {
    let write = before(line, i).find(|record| record.event().left != Left::Same)?;
    match write.event() {
        Event { saw: Saw::Is(Some(old)), end, .. } if end < line[i].begin => Some(old),
        _ => None,
    }
}

#[test]
fn one_wrong_answer_among_millions_is_found() {
    let half = &checked_half();
    let is = |value| Saw::Is(Some(value));
    plant("a stale read", half, |line, i| {
        let read = (line[i].verb == GET).then_some(line[i])?;
        Some(changed(read, is(overwritten(line, i)?), Left::Same))
    });
    plant("a lost update", half, |line, i| {
        let update = line[i].event();
        let both = line[i].verb == UPDATE && before(line, i).next()?.verb == UPDATE;
        match (both, before(line, i).next()?.event()) {
            (true, Event { saw: Saw::Is(Some(old)), left: Left::Value(_), .. }) => {
                Some(changed(line[i], is(old), update.left))
            }
            _ => None,
        }
    });
    plant("a lost addition", half, |line, i| {
        let next = after(line, i).next()?;
        let seen = matches!(next.event().saw, Saw::Is(_)) && line[i].end < next.begin;
        (line[i].verb == ADD && seen).then(|| changed(line[i], Saw::Any, Left::Same))
    });
    plant("a key that comes back", half, |line, i| {
        let removed = before(line, i).next()?;
        let gone = removed.event().left == Left::Nothing && removed.end < line[i].begin;
        let Saw::Is(Some(old)) = removed.event().saw else { return None };
        (gone && line[i].verb == GET).then(|| changed(line[i], is(old), Left::Same))
    });
    plant("an insert where one had been made", half, |line, i| {
        let occupied = line[i].verb == TRY_INSERT && line[i].event().left == Left::Same;
        let (previous, next) = (before(line, i).next()?, after(line, i).next()?);
        let alone = previous.end < line[i].begin && line[i].end < next.begin;
        let seen = next.event().saw == line[i].event().saw;
        let wrong = changed(line[i], Saw::Is(None), Left::Value(u64::MAX >> 1));
        (occupied && alone && seen).then_some(wrong)
    });
    plant("a removal that answers with another value", half, |line, i| {
        let removed = line[i].verb == REMOVE && line[i].event().left == Left::Nothing;
        let other = overwritten(line, i).filter(|_| removed)?;
        Some(changed(line[i], is(other), Left::Nothing))
    });
    plant("a read of what comes later", half, |line, i| {
        let read = (line[i].verb == GET).then_some(line[i])?;
        let later = after(line, i).find(|record| record.end > record.begin + 1)?;
        match later.event().left {
            Left::Value(value) if later.begin > read.end => {
                Some(changed(read, is(value), Left::Same))
            }
            _ => None,
        }
    });
}

/// What happened in an earlier round is known in the next.
#[test]
fn a_value_from_before_the_round_is_remembered() {
    let call = |begin, end, saw, left| Record::new(0, GET, 0, Event { begin, end, saw, left });
    let put = call(1, 2, Saw::Is(None), Left::Value(7));
    let rounds = |saw| {
        let mut history = History::new(1);
        history.check(&[&[put]], 1).expect("a write");
        history.check(&[&[], &[call(3, 4, saw, Left::Same)]], 1)
    };
    assert!(rounds(Saw::Is(Some(7))).is_ok());
    let violation = rounds(Saw::Is(None)).expect_err("it was there");
    assert_eq!(violation.held, [Some(7)]);
}
