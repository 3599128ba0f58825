//! Owned guards held across `.await`, on a runtime that moves tasks between threads.

mod common;

use common::{Ledger, Pairs, Reclaimer, Tracked};
use dolmen::HashMap;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::runtime::Builder;
use tokio::task::yield_now;

type Map<R> = HashMap<Tracked, Tracked, Pairs, R>;

const TASKS: u64 = 32;
const KEYS: u64 = 200;

/// What a guard has found stays good wherever the task goes on, while others remove it.
async fn reader<R: Reclaimer>(map: Arc<Map<R>>, seed: u64, seen: Arc<Mutex<usize>>) {
    let mut threads = HashSet::new();
    for round in 0..20 {
        let m = map.pin_owned();
        let held: Vec<(u64, &Tracked)> = (0..20)
            .filter_map(|n| m.get(&((seed * 7 + n) % KEYS)).map(|v| (v.read(), v)))
            .collect();
        for _ in 0..5 {
            threads.insert(thread::current().id());
            yield_now().await;
            held.iter().for_each(|(n, v)| assert_eq!(v.read(), *n));
        }
        // The guard works on, on whatever thread it is.
        assert!(m.get(&(round % KEYS)).is_none_or(|v| v.read() < 300));
        assert!(m.iter().take(5).all(|(k, v)| k.read() < KEYS && v.read() < 300));
    }
    let mut seen = seen.lock().unwrap();
    *seen = threads.len().max(*seen);
}

async fn writer<R: Reclaimer>(map: Arc<Map<R>>, ledger: Arc<Ledger>, seed: u64) {
    for n in 0..300 {
        let key = (seed * 31 + n) % KEYS;
        map.insert(ledger.track(key), ledger.track(n));
        if n % 3 == 0 {
            // Under an owned guard that crosses an await between two writes.
            let m = map.pin_owned();
            let old = m.remove(&key);
            yield_now().await;
            old.iter().for_each(|v| assert!(v.read() < 300));
            m.insert(ledger.track(key), ledger.track(n));
            yield_now().await;
        }
        if n % 50 == 0 {
            map.flush();
            yield_now().await;
        }
    }
}

fn guards_across_await<R: Reclaimer>() {
    let ledger = Ledger::new(100_000);
    let map = Arc::new(Map::<R>::default());
    let seen = Arc::new(Mutex::new(0));
    let runtime = Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for seed in 0..TASKS {
            tasks.push(match seed % 2 {
                0 => tokio::spawn(reader(map.clone(), seed, seen.clone())),
                _ => tokio::spawn(writer(map.clone(), ledger.clone(), seed)),
            });
        }
        for task in tasks {
            task.await.expect("no assertion failed");
        }
    });
    drop(runtime);
    println!("a task ran on up to {} threads", seen.lock().unwrap());
    ledger.assert_sane();
    let map = Arc::into_inner(map).expect("the tasks are gone");
    assert!(map.iter().all(|e| e.key().read() < KEYS));
    drop(map);
    ledger.assert_balanced();
}

/// A task that is cancelled while it holds a guard gives it back.
fn cancelled_tasks<R: Reclaimer>() {
    let ledger = Ledger::new(10_000);
    let map = Arc::new(Map::<R>::default());
    (0..100).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
    let runtime = Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    runtime.block_on(async {
        for _ in 0..20 {
            let map = map.clone();
            let task = tokio::spawn(async move {
                let m = map.pin_owned();
                let value = m.get(&1);
                std::future::pending::<()>().await;
                value.map(Tracked::read)
            });
            yield_now().await;
            task.abort();
            assert!(task.await.expect_err("it never ends").is_cancelled());
        }
    });
    drop(runtime);
    map.clear();
    if R::PROMPT {
        common::eventually(|| {
            map.flush();
            ledger.alive() == 0
        });
    }
    drop(map);
    ledger.assert_balanced();
}

/// A copy of the value needs no guard at all.
#[tokio::test(flavor = "multi_thread")]
async fn copies_need_no_guard() {
    let map: Arc<HashMap<u64, String>> = Arc::new(HashMap::new());
    map.insert(1, "one".into());
    let task = tokio::spawn({
        let map = map.clone();
        async move {
            let copy = map.get_cloned(&1);
            yield_now().await;
            copy
        }
    });
    assert_eq!(task.await.unwrap().as_deref(), Some("one"));
}

on_each_reclaimer!(guards_across_await, cancelled_tasks);
