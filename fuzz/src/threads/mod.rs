//! Two threads make calls on few keys, among others that only make resizes happen. The history of the
//! keys is checked for linearizability; in the end everything is where it should be, and everything
//! that was made was dropped once.

mod conductor;
mod history;
mod live;
mod script;

use crate::fuse;
use crate::hashers::Hashing;
use crate::input::Input;
use conductor::Conductor;
use dolmen::{CrossbeamEpoch, Epoch, HashMap, Reclaim, Seize};
use history::{Event, Left, Saw};
use live::{Key, Ledger, Value};
use script::{Call, Player, Record};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

type Map<R> = HashMap<Key, Value, Hashing, R>;

/// The keys whose history is recorded are below.
const RECORDED: u16 = 4;
/// Others that are there from the beginning, and others that each thread inserts.
const FIRST_OTHER: u16 = 16;
const OTHERS_OF: [u16; 2] = [1000, 2000];

pub fn run(input: &[u8]) {
    let _alone = crate::alone();
    let mut input = Input::new(input);
    match input.byte() % 4 {
        0 | 1 => play::<Epoch>(input),
        2 => play::<CrossbeamEpoch>(input),
        _ => play::<Seize>(input),
    }
}

/// What both threads see.
struct Stage<R: Reclaim> {
    map: Map<R>,
    ledger: Arc<Ledger>,
    conductor: Arc<Conductor>,
    clock: AtomicUsize,
}

fn play<R: Reclaim>(mut input: Input) {
    let how = input.byte();
    let hashing = Hashing::ALL[input.below(Hashing::ALL.len())];
    // Around the sizes at which tables grow.
    let others = [0, 3, 6, 7, 27, 28, 110, 112, 447, 448][input.below(10)];
    let others = others.min(hashing.most_keys() as u16 / 2);
    let score = u128::from(input.long()) << 64 | u128::from(input.long());
    let stage = Stage {
        map: HashMap::builder().hasher(hashing).reclaimer::<R>().build(),
        ledger: Ledger::new(),
        conductor: Arc::new(Conductor::new(how & 3 != 0, score)),
        clock: AtomicUsize::new(0),
    };
    let mut events = prepare(&stage, others, how >> 2);
    let mut scripts = [Vec::new(), Vec::new()];
    while !input.is_over() && scripts.iter().all(|script| script.len() < 24) {
        let byte = input.byte();
        scripts[usize::from(byte & 1)].push(Call::new(byte >> 1, &mut input));
    }
    let records = thread::scope(|scope| {
        let [a, b] = &scripts;
        let other = scope.spawn(|| perform(&stage, 1, b));
        let mine = perform(&stage, 0, a);
        [mine, other.join().unwrap_or_else(|panic| resume_unwind(panic))]
    });
    finish(stage, others, &mut events, records);
}

/// Puts in what is there at the beginning; returns it as events.
fn prepare<R: Reclaim>(stage: &Stage<R>, others: u16, keys: u8) -> Vec<Event> {
    let Stage { map, ledger, clock, .. } = stage;
    for id in FIRST_OTHER..FIRST_OTHER + others {
        map.insert(ledger.key(id), ledger.value());
    }
    let mut events = Vec::new();
    for key in (0..RECORDED).filter(|key| keys & 1 << key != 0) {
        let value = ledger.value();
        let left = Left::Value(value.number());
        map.insert(ledger.key(key), value);
        // The key's tombstone, instead.
        let removed = keys & 16 << (key % 2) != 0;
        let left = if removed { Left::Nothing } else { left };
        if removed {
            map.remove(&live::Id(key));
        }
        let now = clock.fetch_add(1, SeqCst);
        events.push(Event { key, saw: Saw::Is(None), left, begin: now, end: now });
    }
    clock.fetch_add(1, SeqCst);
    events
}

/// A thread's part. Each piece of user code on this thread is a point to hand over at.
fn perform<R: Reclaim>(stage: &Stage<R>, me: usize, script: &[Call]) -> Record {
    let conductor = stage.conductor.clone();
    conductor.begin(me);
    fuse::set_hook(Some(Box::new(move |_| conductor.point(me))));
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut player = Player::new(&stage.map, &stage.ledger, &stage.clock, me);
        for call in script {
            stage.conductor.point(me);
            player.play(*call);
        }
        player.end()
    }));
    fuse::set_hook(None);
    stage.conductor.end(me);
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// All threads are gone: is everything as it should be?
fn finish<R: Reclaim>(stage: Stage<R>, others: u16, events: &mut Vec<Event>, records: [Record; 2]) {
    let Stage { map, ledger, clock, .. } = stage;
    let mut expected: BTreeSet<u16> = (FIRST_OTHER..FIRST_OTHER + others).collect();
    for (record, first) in records.iter().zip(OTHERS_OF) {
        expected.extend(first..first + record.others);
        events.extend(&record.events);
    }
    for id in records.iter().flat_map(|record| &record.drained) {
        assert!(expected.remove(id), "{id} was drained twice");
    }
    let (mut found, mut met) = (BTreeSet::new(), BTreeSet::new());
    for entry in &map {
        let id = entry.key().id();
        assert!(met.insert(id), "{id} is there twice");
        assert_eq!(map.get(&live::Id(id)).map(|v| v.number()), Some(entry.number()));
        if id >= RECORDED {
            found.insert(id);
        }
    }
    assert_eq!(map.len(), met.len());
    assert_eq!(found, expected, "of the others");
    for key in 0..RECORDED {
        let now = clock.fetch_add(1, SeqCst);
        let saw = Saw::Is(map.get(&live::Id(key)).map(|value| value.number()));
        events.push(Event { key, saw, left: Left::Same, begin: now, end: now });
    }
    history::check(events);
    for pass in records.iter().flat_map(|record| &record.passes) {
        for key in (0..RECORDED).filter(|key| !pass.met.contains(key)) {
            let missed = history::present_throughout(events, key, pass.begin, pass.end);
            assert!(!missed, "{key} was not met: {pass:?}, {events:#?}");
        }
    }
    map.finish_resize();
    assert_eq!((map.len(), map.stats().migration), (met.len(), None));
    drop(map);
    ledger.check();
}
