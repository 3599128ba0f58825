//! Calls on many keys, each written down as one call on each key: see the library's documentation.

/// A batch of different keys.
macro_rules! batch {
    ($m:expr, $r:expr, $verb:expr, $keys:expr) => {{
        use dolmen_histories::record::Span;
        use dolmen_histories::{Left, Saw};
        use $crate::verbs::Shown;
        let (m, r, verb, keys): (_, &mut Recorder, _, &[_]) = ($m, &mut $r, $verb, $keys);
        // All of them, none of them, or it does not say which.
        let all_or_none = |count: usize, all: Saw, none: Saw| match count {
            0 => none,
            n if n == keys.len() => all,
            _ => Saw::Any,
        };
        match verb {
            Verb::GetMany => {
                let clock = r.clock;
                let mut found = Vec::with_capacity(keys.len());
                let begin = clock.before();
                // A look-up has ended when its answer comes.
                m.get_many(keys, |_, value| found.push((clock.after(), value.copied())));
                for (key, (end, value)) in keys.iter().zip(found) {
                    r.note(key.0, verb as u8, Span { begin, end }, Saw::Is(value), Left::Same);
                }
            }
            Verb::GetManyInto => {
                let mut found = Vec::new();
                let (span, ()) = r.time(|| m.get_many_into(keys, &mut found));
                for (key, value) in keys.iter().zip(found) {
                    let saw = Saw::Is(value.map(|value| value.shown()));
                    r.note(key.0, verb as u8, span, saw, Left::Same);
                }
            }
            Verb::ContainsMany => {
                let (span, count) = r.time(|| m.contains_many(keys));
                let saw = all_or_none(count, Saw::Present, Saw::Is(None));
                for key in keys {
                    r.note(key.0, verb as u8, span, saw, Left::Same);
                }
            }
            Verb::InsertMany => {
                let entries: Vec<(_, u64)> = keys.iter().map(|k| (*k, r.fresh(k.0))).collect();
                let (span, new) = r.time(|| m.insert_many(entries.iter().copied()));
                let saw = all_or_none(new, Saw::Is(None), Saw::Present);
                for (key, value) in entries {
                    r.note(key.0, verb as u8, span, saw, Left::Value(value));
                }
            }
            Verb::RemoveMany => {
                let (span, count) = r.time(|| m.remove_many(keys));
                let saw = all_or_none(count, Saw::Present, Saw::Is(None));
                for key in keys {
                    r.note(key.0, verb as u8, span, saw, Left::Nothing);
                }
            }
            other => unreachable!("{other:?} is no batch"),
        }
    }};
}

/// A call on the whole map of so many keys.
macro_rules! whole {
    ($m:expr, $r:expr, $rng:expr, $verb:expr, $keys:expr) => {{
        use dolmen_histories::record::{Span, key_of};
        use dolmen_histories::{Left, Saw};
        use $crate::verbs::{Pair, Shown};
        let (m, r, verb, keys): (_, &mut Recorder, _, u32) = ($m, &mut $r, $verb, $keys);
        let (clock, v) = (r.clock, verb as u8);
        let mut met = vec![false; keys as usize];
        let begin = clock.before();
        match verb {
            // A read of each key.
            Verb::Iter => {
                for entry in m.iter() {
                    let span = Span { begin, end: clock.after() };
                    let (key, value) = entry.numbers();
                    assert!(!std::mem::replace(&mut met[key as usize], true), "{key} came twice");
                    r.note(key, v, span, Saw::Is(Some(value)), Left::Same);
                }
            }
            Verb::Keys => {
                for key in m.keys() {
                    let span = Span { begin, end: clock.after() };
                    assert!(!std::mem::replace(&mut met[key.0 as usize], true), "came twice");
                    r.note(key.0, v, span, Saw::Present, Left::Same);
                }
            }
            Verb::Values => {
                for value in m.values() {
                    let span = Span { begin, end: clock.after() };
                    let value = value.shown();
                    let key = key_of(value);
                    assert!(!std::mem::replace(&mut met[key as usize], true), "{key} came twice");
                    r.note(key, v, span, Saw::Is(Some(value)), Left::Same);
                }
            }
            Verb::Retain => {
                let odd = $rng.below(2);
                let mut asked: Vec<(u32, u64, bool, u64)> = Vec::new();
                m.retain(|key, value| {
                    $crate::keys::pause(64);
                    let keep = *value / dolmen_histories::record::TRIES % 2 == odd;
                    asked.push((key.0, *value, keep, clock.after()));
                    keep
                });
                let end = clock.after();
                for (i, (key, value, keep, time)) in asked.iter().copied().enumerate() {
                    met[key as usize] = true;
                    let next = asked.get(i + 1);
                    if keep || next.is_some_and(|next| next.0 == key) {
                        // What it kept, and what was not there any more when it went to remove it,
                        // it has read.
                        let span = Span { begin, end: time };
                        r.note(key, v, span, Saw::Is(Some(value)), Left::Same);
                    } else {
                        let span = Span { begin: time, end: next.map_or(end, |next| next.3) };
                        r.note(key, v, span, Saw::NoneOr(value), Left::Nothing);
                    }
                }
            }
            Verb::Clear => {
                m.clear();
                let span = Span { begin, end: clock.after() };
                for key in 0..keys {
                    met[key as usize] = true;
                    r.note(key, v, span, Saw::Any, Left::Nothing);
                }
            }
            Verb::Drain => {
                let mut drain = m.map().drain();
                loop {
                    let (span, entry) = {
                        let begin = clock.before();
                        let entry = drain.next();
                        (Span { begin, end: clock.after() }, entry)
                    };
                    let Some(entry) = entry else { break };
                    let (key, value) = entry.numbers();
                    assert!(!std::mem::replace(&mut met[key as usize], true), "{key} came twice");
                    r.note(key, v, span, Saw::Is(Some(value)), Left::Nothing);
                }
            }
            other => unreachable!("{other:?} is not on the whole map"),
        }
        let span = Span { begin, end: clock.after() };
        for (key, _) in met.iter().enumerate().filter(|(_, met)| !**met) {
            r.note(key as u32, v, span, Saw::Is(None), Left::Same);
        }
    }};
}

pub(crate) use {batch, whole};
