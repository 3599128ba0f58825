//! What must not compile, each next to a twin that does and differs in one thing only, so that the
//! first fails for that reason.

/// An iterator over words is invariant in their types: a subtype may be another [`Word`](crate::Word), with
/// other bits.
///
/// ```
/// use dolmen::{Word, WordMap, words::PinnedIter};
/// use std::marker::PhantomData;
///
/// #[derive(Clone, Copy)]
/// struct W<T>(u64, PhantomData<T>);
/// impl Word for W<for<'a> fn(&'a u8)> {
///     type Repr = u64;
///     fn into_repr(self) -> u64 {
///         self.0
///     }
///     fn from_repr(repr: u64) -> Self {
///         W(repr, PhantomData)
///     }
/// }
/// let map: WordMap<u64, W<for<'a> fn(&'a u8)>> = WordMap::new();
/// let pin = map.pin();
/// let _: PinnedIter<'_, u64, W<for<'a> fn(&'a u8)>> = pin.iter();
/// ```
/// ```compile_fail,E0308
/// use dolmen::{Word, WordMap, words::PinnedIter};
/// use std::marker::PhantomData;
///
/// #[derive(Clone, Copy)]
/// struct W<T>(u64, PhantomData<T>);
/// impl Word for W<for<'a> fn(&'a u8)> {
///     type Repr = u64;
///     fn into_repr(self) -> u64 {
///         self.0
///     }
///     fn from_repr(repr: u64) -> Self {
///         W(repr, PhantomData)
///     }
/// }
/// let map: WordMap<u64, W<for<'a> fn(&'a u8)>> = WordMap::new();
/// let pin = map.pin();
/// let _: PinnedIter<'_, u64, W<fn(&'static u8)>> = pin.iter();
/// ```
struct WordsAreInvariant;

/// A reference does not outlive the guard that keeps it.
///
/// ```
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let m = map.pin();
/// let value: &i32 = m.get("a").unwrap();
/// assert_eq!(*value, 1);
/// drop(m);
/// ```
/// ```compile_fail,E0505
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let m = map.pin();
/// let value: &i32 = m.get("a").unwrap();
/// drop(m);
/// assert_eq!(*value, 1);
/// ```
///
/// Nor what was removed, which the map has no hold on any more.
///
/// ```
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let m = map.pin();
/// let value: &i32 = m.remove("a").unwrap();
/// assert_eq!(*value, 1);
/// ```
/// ```compile_fail,E0716
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let value: &i32 = map.pin().remove("a").unwrap();
/// assert_eq!(*value, 1);
/// ```
///
/// Nor what an entry of the pin, or a drain, found or put in.
///
/// ```
/// let map: dolmen::HashMap<String, i32> = dolmen::HashMap::new();
/// let m = map.pin();
/// let value: &i32 = m.entry_ref("a").or_insert(1);
/// let again: &i32 = m.entry("a".into()).or_insert(2);
/// let drained = m.drain().next().unwrap();
/// assert_eq!((*value, *again, drained.1), (1, 1, &1));
/// drop(m);
/// ```
/// ```compile_fail,E0505
/// let map: dolmen::HashMap<String, i32> = dolmen::HashMap::new();
/// let m = map.pin();
/// let value: &i32 = m.entry_ref("a").or_insert(1);
/// drop(m);
/// assert_eq!(*value, 1);
/// ```
/// ```compile_fail,E0505
/// let map: dolmen::HashMap<String, i32> = dolmen::HashMap::new();
/// let m = map.pin();
/// let again: &i32 = m.entry("a".into()).or_insert(2);
/// drop(m);
/// assert_eq!(*again, 2);
/// ```
/// ```compile_fail,E0505
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let m = map.pin();
/// let drained = m.drain().next().unwrap();
/// drop(m);
/// assert_eq!(drained.1, &1);
/// ```
///
/// Nor does what a `Ref` lends outlive it.
///
/// ```
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let entry = map.get("a").unwrap();
/// let value: &i32 = entry.value();
/// assert_eq!(*value, 1);
/// ```
/// ```compile_fail,E0716
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let value: &i32 = map.get("a").unwrap().value();
/// assert_eq!(*value, 1);
/// ```
///
/// Nor what a pinned iterator yields, nor what a closure is shown.
///
/// ```
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let m = map.pin();
/// let all: Vec<(&&str, &i32)> = m.iter().collect();
/// assert_eq!(all, [(&"a", &1)]);
/// let one: Option<i32> = map.view("a", |_, value| *value);
/// ```
/// ```compile_fail,E0716
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let all: Vec<(&&str, &i32)> = map.pin().iter().collect();
/// assert_eq!(all, [(&"a", &1)]);
/// ```
/// ```compile_fail
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let one: Option<&i32> = map.view("a", |_, value| value);
/// ```
struct OutlivesItsGuard;

/// Nothing outlives the map.
///
/// ```
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let entry = map.get("a");
/// drop(entry);
/// drop(map);
/// ```
/// ```compile_fail,E0505
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let entry = map.get("a");
/// drop(map);
/// drop(entry);
/// ```
/// ```compile_fail,E0505
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let owned = map.pin_owned();
/// drop(map);
/// drop(owned);
/// ```
/// ```compile_fail,E0505
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let mut all = map.iter();
/// drop(map);
/// all.next();
/// ```
/// ```compile_fail,E0505
/// let map = dolmen::HashMap::from([("a", 1)]);
/// let mut all = map.drain();
/// drop(map);
/// all.next();
/// ```
///
/// And while anything is kept, nobody has the map to himself.
///
/// ```
/// let mut map = dolmen::HashMap::from([("a", 1)]);
/// drop(map.get("a"));
/// map.values_mut().for_each(|value| *value += 1);
/// ```
/// ```compile_fail,E0502
/// let mut map = dolmen::HashMap::from([("a", 1)]);
/// let kept = map.get("a");
/// map.values_mut().for_each(|value| *value += 1);
/// drop(kept);
/// ```
struct OutlivesItsMap;

/// A pin of a thread stays there: the owned one goes.
///
/// ```
/// let map = dolmen::HashMap::from([(1, 1)]);
/// let pin = map.pin_owned();
/// std::thread::scope(|scope| drop(scope.spawn(move || drop(pin))));
/// ```
/// ```compile_fail,E0277
/// let map = dolmen::HashMap::from([(1, 1)]);
/// let pin = map.pin();
/// std::thread::scope(|scope| drop(scope.spawn(move || drop(pin))));
/// ```
/// ```compile_fail,E0277
/// let map = dolmen::HashMap::from([(1, 1)]);
/// let pin = map.get(&1);
/// std::thread::scope(|scope| drop(scope.spawn(move || drop(pin))));
/// ```
/// ```compile_fail,E0277
/// let map = dolmen::HashMap::from([(1, 1)]);
/// let pin = map.iter();
/// std::thread::scope(|scope| drop(scope.spawn(move || drop(pin))));
/// ```
///
/// The owned one is for one thread at a time.
///
/// ```
/// let map = dolmen::HashMap::from([(1, 1)]);
/// let pin = map.pin_owned();
/// std::thread::scope(|scope| drop(scope.spawn(|| map.len())));
/// drop(pin);
/// ```
/// ```compile_fail,E0277
/// let map = dolmen::HashMap::from([(1, 1)]);
/// let pin = map.pin_owned();
/// std::thread::scope(|scope| drop(scope.spawn(|| pin.len())));
/// drop(pin);
/// ```
struct ChangesItsThread;

/// A map goes where its keys and values may go, and is shared where they may be shared and sent.
///
/// ```
/// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
/// std::thread::spawn(move || drop(map));
/// ```
/// ```compile_fail,E0277
/// let map: dolmen::HashMap<u64, std::rc::Rc<u64>> = dolmen::HashMap::new();
/// std::thread::spawn(move || drop(map));
/// ```
/// ```compile_fail,E0277
/// let map: dolmen::HashMap<std::rc::Rc<u64>, u64> = dolmen::HashMap::new();
/// std::thread::spawn(move || drop(map));
/// ```
///
/// A `Cell` may be sent and not shared.
///
/// ```
/// let map: dolmen::HashMap<u64, std::cell::Cell<u64>> = dolmen::HashMap::new();
/// std::thread::spawn(move || drop(map));
/// ```
/// ```compile_fail,E0277
/// let map: dolmen::HashMap<u64, std::cell::Cell<u64>> = dolmen::HashMap::new();
/// std::thread::scope(|scope| drop(scope.spawn(|| map.len())));
/// ```
///
/// A `MutexGuard` may be shared and not sent, and others drop what this thread put in.
///
/// ```
/// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
/// std::thread::scope(|scope| drop(scope.spawn(|| map.len())));
/// ```
/// ```compile_fail,E0277
/// let map: dolmen::HashMap<u64, std::sync::MutexGuard<'_, u64>> = dolmen::HashMap::new();
/// std::thread::scope(|scope| drop(scope.spawn(|| map.len())));
/// ```
struct SharedOrSentWithItsEntries;

/// A shared map takes entries in, so its types do not become shorter-lived behind its back.
///
/// ```
/// fn put<'a>(map: &dolmen::HashMap<&'a str, &'a str>, text: &'a str) {
///     map.insert(text, text);
/// }
/// let map: dolmen::HashMap<&'static str, &'static str> = dolmen::HashMap::new();
/// put(&map, "for ever");
/// ```
/// ```compile_fail
/// fn put<'a>(map: &dolmen::HashMap<&'a str, &'a str>, text: &'a str) {
///     map.insert(text, text);
/// }
/// fn shorten<'a>(map: &dolmen::HashMap<&'static str, &'static str>, text: &'a str) {
///     put(map, text);
/// }
/// ```
/// ```compile_fail
/// fn key<'s, 'a>(
///     map: &'s dolmen::HashMap<&'static str, u64>,
///     _: &'a str,
/// ) -> &'s dolmen::HashMap<&'a str, u64> {
///     map
/// }
/// ```
/// ```compile_fail
/// fn value<'s, 'a>(
///     map: &'s dolmen::HashMap<u64, &'static str>,
///     _: &'a str,
/// ) -> &'s dolmen::HashMap<u64, &'a str> {
///     map
/// }
/// ```
/// ```compile_fail
/// fn element<'s, 'a>(
///     set: &'s dolmen::HashSet<&'static str>,
///     _: &'a str,
/// ) -> &'s dolmen::HashSet<&'a str> {
///     set
/// }
/// ```
/// ```compile_fail
/// fn pinned<'s, 'm, 'a>(
///     m: &'s dolmen::Pinned<'m, u64, &'static str>,
///     _: &'a str,
/// ) -> &'s dolmen::Pinned<'m, u64, &'a str> {
///     m
/// }
/// ```
struct Variance;

/// Destructors of keys and values run when the map drops, so what they borrow must live then.
///
/// ```
/// let text = String::from("a");
/// let map = dolmen::HashMap::new();
/// map.insert(1, &text);
/// ```
/// ```compile_fail,E0597
/// let map = dolmen::HashMap::new();
/// let text = String::from("a");
/// map.insert(1, &text);
/// ```
///
/// Also of what was removed long ago.
///
/// ```
/// let text = String::from("a");
/// let map = dolmen::HashMap::new();
/// map.insert(1, &text);
/// map.clear();
/// map.flush();
/// drop(map);
/// drop(text);
/// ```
/// ```compile_fail,E0505
/// let text = String::from("a");
/// let map = dolmen::HashMap::new();
/// map.insert(1, &text);
/// map.clear();
/// map.flush();
/// drop(text);
/// drop(map);
/// ```
///
/// What gets reclaimed entries lives as long as it likes to: it owns what it uses.
///
/// ```
/// let log = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
/// let hook = { let log = log.clone(); move |key: u64, ()| log.lock().unwrap().push(key) };
/// drop(dolmen::HashMap::builder().on_reclaim(hook).build());
/// ```
/// ```compile_fail,E0597
/// let log = std::sync::Mutex::new(Vec::new());
/// let hook = { let log = &log; move |key: u64, ()| log.lock().unwrap().push(key) };
/// drop(dolmen::HashMap::builder().on_reclaim(hook).build());
/// ```
struct DropCheck;
