//! A violation as people can read it: the few calls that cannot be put in order.

use crate::event::{Event, Left, Saw, State};
use crate::record::{Record, name_of};
use crate::rounds::Violation;
use crate::sweep::Sweep;
use std::fmt::Write;

/// A value that no record mentions: it stands for whatever the key held before.
const OTHER: u64 = u64::MAX;
/// Windows that are tried, in records.
const WIDEST: usize = 512;
/// With more, what the key may have held before a window is not worked out: it is not tried.
const MOST_ADDITIONS: usize = 8;

impl Violation {
    /// The fewest records around the failure that cannot be put in order, whatever the key held
    /// before them.
    ///
    /// First the shortest stretch of time that fails, ending with the return at which the search
    /// was stuck; then without each call that only looks and is not needed for it to fail.
    pub fn minimal(&self) -> Vec<Record> {
        let last = self.records[self.stuck].end;
        let called = self.records.iter().filter(|record| record.begin <= last);
        let mut records: Vec<Record> = called.copied().collect();
        records.sort_by_key(|record| std::cmp::Reverse(record.end));
        let returned = records.iter().position(|record| record.end <= last).unwrap_or(0);
        let widths = returned + 1..=records.len().min(returned + WIDEST);
        // If what came long before matters, all of it does.
        let width = widths.clone().find(|width| fails(&records[..*width], last));
        records.truncate(width.unwrap_or(records.len()));
        if width.is_some() {
            for i in (0..records.len()).rev() {
                let mut fewer = records.clone();
                if fewer.remove(i).event().left == Left::Same && fails(&fewer, last) {
                    records = fewer;
                }
            }
            drop_idle(&mut records, last);
        }
        records.sort_by_key(|record| (record.begin, record.end));
        records
    }

    /// The minimal history in lines, with the names of verbs.
    pub fn describe(&self, verbs: &[&str]) -> String {
        let records = self.minimal();
        let origin = records.first().map_or(0, |record| record.begin);
        let mut text = format!("key {} is not linearizable", self.key);
        let all = self.records.len();
        let _ = writeln!(text, "; {} of its {all} records of the round:", records.len());
        for record in &records {
            let (begin, end) = (record.begin - origin, record.end - origin);
            let stuck = if *record == self.records[self.stuck] { "  <- no order left" } else { "" };
            let event = record.event();
            let verb = verbs.get(usize::from(record.verb)).unwrap_or(&"?");
            let (saw, left) = (saw_in_words(event.saw), left_in_words(event.left));
            let thread = record.thread;
            let _ = writeln!(
                text,
                "  thread {thread} {begin:>10} to {end:>10}  {verb:<22} saw {saw}, left {left}{stuck}"
            );
        }
        let held: Vec<String> = self.held.iter().map(|state| state_in_words(*state)).collect();
        let _ = writeln!(text, "  before the last of them the key held {}", held.join(" or "));
        text
    }
}

/// Without the writes that are still under way at the end and are not needed, either: whether they
/// ever took effect does not matter.
fn drop_idle(records: &mut Vec<Record>, last: u64) {
    for i in (0..records.len()).rev() {
        let mut fewer = records.clone();
        let open = fewer.remove(i).end > last;
        // What nobody else saw or wrote can be left out without making anything fail.
        let unseen = |value| fewer.iter().all(|other| !mentions(other, value));
        let unseen = match records[i].event() {
            Event { left: Left::Value(value), .. } => unseen(value),
            Event { saw: Saw::Is(Some(value)), left: Left::Nothing, .. } => unseen(value),
            _ => false,
        };
        if open && unseen && fails(&fewer, last) {
            *records = fewer;
        }
    }
}

fn mentions(record: &Record, value: u64) -> bool {
    let Event { saw, left, .. } = record.event();
    matches!(saw, Saw::Is(Some(saw)) | Saw::NoneOr(saw) if saw == value)
        || left == Left::Value(value)
}

/// Whether there is no order for these records up to a time, whatever the key held before.
fn fails(records: &[Record], last: u64) -> bool {
    let mut events: Vec<Event> = records.iter().map(Record::event).collect();
    let mut states: Vec<State> = vec![None, Some(OTHER)];
    for event in &events {
        if let Saw::Is(Some(value)) | Saw::NoneOr(value) = event.saw {
            states.push(Some(value));
        }
    }
    // What becomes one of these by some of the additions.
    let mut additions = 0;
    for event in &events {
        let (Left::Added(by) | Left::Counted(by)) = event.left else { continue };
        additions += 1;
        if additions > MOST_ADDITIONS {
            return false;
        }
        let before = states.iter().filter(|state| **state != Some(OTHER));
        let before = before.filter_map(|state| Some(Some((*state)?.wrapping_sub(by))));
        states.extend(before.collect::<Vec<State>>());
    }
    states.sort_unstable();
    states.dedup();
    // Calls that are still under way at the end need not have had their moment.
    events.iter_mut().filter(|event| event.end > last).for_each(|event| event.end = last + 1);
    let run = Sweep::default().run(&mut states, &events);
    run.is_err_and(|stuck| events[stuck.event].end <= last)
}

fn state_in_words(state: State) -> String {
    state.map_or("nothing".into(), name_of)
}

fn saw_in_words(saw: Saw) -> String {
    match saw {
        Saw::Is(state) => state_in_words(state),
        Saw::Present => "some value".into(),
        Saw::NoneOr(value) => format!("{} or nothing", name_of(value)),
        Saw::Any => "it does not say".into(),
    }
}

fn left_in_words(left: Left) -> String {
    match left {
        Left::Same => "it".into(),
        Left::Value(value) => name_of(value),
        Left::Nothing => "nothing".into(),
        Left::Added(by) => format!("{by} more"),
        Left::Counted(by) => format!("{by} more, or {by}"),
    }
}
