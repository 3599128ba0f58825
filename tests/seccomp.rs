//! Sandboxes that refuse the system call behind the asymmetric barrier, from the start or later, by
//! an error or by death. Each runs in a process of its own.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

#[path = "common/child.rs"]
mod child;
#[path = "common/churn.rs"]
mod churn;
mod common;

use churn::{Map, churn};
use common::{Ledger, eventually};
use dolmen::{Epoch, HashMap};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter, apply_filter_all_threads,
};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

/// Commands of `membarrier`.
const BARRIER: u64 = 1 << 3;
const REGISTER: u64 = 1 << 4;

/// A filter that does this to `membarrier`: to one command of it, or to all.
fn filter(action: SeccompAction, command: Option<u64>) -> BpfProgram {
    let rules = command.map(|command| {
        let is_it = SeccompCondition::new(0, Dword, SeccompCmpOp::Eq, command).unwrap();
        SeccompRule::new(vec![is_it]).unwrap()
    });
    let rules = [(libc::SYS_membarrier, rules.into_iter().collect())].into_iter().collect();
    let arch = std::env::consts::ARCH.try_into().expect("it is one of two");
    SeccompFilter::new(rules, SeccompAction::Allow, action, arch).unwrap().try_into().unwrap()
}

/// In all threads of the process.
fn install(action: SeccompAction, command: Option<u64>) {
    apply_filter_all_threads(&filter(action, command)).expect("a process may restrict itself");
}

fn refuse(error: i32) -> SeccompAction {
    SeccompAction::Errno(error as u32)
}

/// Everything works by fences, and what was removed is freed while the map lives.
fn works_by_fences() {
    let ledger = Ledger::new(100_000);
    let map = Map::default();
    (0..100).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
    (0..20).for_each(|_| churn(&map, &ledger));
    eventually(|| {
        map.flush();
        ledger.alive() == 200
    });
    assert!((0..100).all(|n| map.get(&n).unwrap().read() == n));
    assert!(!map.stats().reclamation_stuck && map.stats().retired == 0);
    assert!(Epoch::use_fences(), "fences were chosen at the first pin");
    drop(map);
    ledger.assert_balanced();
}

/// What retires after the system has withdrawn the barrier is kept until the map drops; all else
/// goes on, and `stats` says what is the matter.
fn goes_on_and_frees_in_the_end(withdraw: impl FnOnce()) {
    let ledger = Ledger::new(1_000_000);
    let map = Map::default();
    (0..100).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
    churn(&map, &ledger);
    assert!(!Epoch::use_fences(), "the barrier is to be had here, so the test shows something");
    assert!(!map.stats().reclamation_stuck);
    let other: HashMap<u64, u64> = (0..100).map(|n| (n, n)).collect();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (map, ledger, stop) = (&map, &ledger, &stop);
        let running: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(move || {
                    while !stop.load(SeqCst) {
                        churn(map, ledger);
                    }
                })
            })
            .collect();
        // In the midst of it.
        thread::sleep(std::time::Duration::from_millis(20));
        withdraw();
        // Somebody finds out; here this thread at the latest.
        eventually(|| {
            other.insert(1, 1);
            other.flush();
            other.stats().reclamation_stuck
        });
        stop.store(true, SeqCst);
        running.into_iter().for_each(|thread| thread.join().expect("nothing was freed early"));
    });
    let made = ledger.made();
    (0..20).for_each(|_| churn(&map, &ledger));
    assert!(ledger.made() > made + 10_000);
    assert!((made..ledger.made()).all(|id| !ledger.is_gone(id)), "freed without a grace period");
    assert!((0..100).all(|n| map.get(&n).unwrap().read() == n) && map.len() == 100);
    let stats = map.stats();
    assert!(stats.reclamation_stuck && stats.retired >= 5_000, "{stats}");
    assert!(stats.to_string().contains("reclamation stuck"), "{stats}");
    drop((map, other));
    ledger.assert_balanced();
}

/// Plays a part in a child; returns how it ended.
fn child(part: &str, variables: &[(&str, &str)]) -> child::Ended {
    child::play("membarrier_is_refused", part, variables)
}

#[test]
fn membarrier_is_refused() {
    match child::part().as_deref() {
        None => {}
        Some("not permitted") => {
            install(refuse(libc::EPERM), None);
            return works_by_fences();
        }
        Some("not implemented") => {
            install(refuse(libc::ENOSYS), None);
            return works_by_fences();
        }
        Some("no registration") => {
            install(refuse(libc::EPERM), Some(REGISTER));
            return works_by_fences();
        }
        Some("no barrier") => {
            install(refuse(libc::EPERM), Some(BARRIER));
            return works_by_fences();
        }
        Some("withdrawn") => {
            return goes_on_and_frees_in_the_end(|| install(refuse(libc::EPERM), None));
        }
        Some("withdrawn from one thread") => {
            let program = filter(refuse(libc::ENOSYS), None);
            return goes_on_and_frees_in_the_end(|| apply_filter(&program).unwrap());
        }
        Some("deadly") => {
            install(SeccompAction::KillProcess, None);
            return works_by_fences();
        }
        Some("deadly, foreseen") => {
            assert!(Epoch::use_fences());
            install(SeccompAction::KillProcess, None);
            return works_by_fences();
        }
        Some(part) => panic!("no part {part}"),
    }
    for part in ["not permitted", "not implemented", "no registration", "no barrier"] {
        child(part, &[]).succeeds();
    }
    child("withdrawn", &[]).succeeds();
    child("withdrawn from one thread", &[]).succeeds();
    child("deadly", &[("DOLMEN_FENCES", "1")]).succeeds();
    child("deadly, foreseen", &[]).succeeds();
    // That the filter is in force, and the variable is what saves.
    for unset in [vec![], vec![("DOLMEN_FENCES", "0")]] {
        assert_eq!(child("deadly", &unset).signal(), Some(libc::SIGSYS));
    }
}
