//! Stamps that bound a call.
//!
//! What the checker relies on: if one call's `after` is less than another's `before`, then all that
//! the first did came before all that the second did, for every thread.
//!
//! On x86-64 with an invariant time stamp counter, a stamp costs some ten nanoseconds and touches no
//! shared memory. `before` is fenced on both sides, so that nothing of the call begins before the
//! counter is read. `rdtscp` waits until every load before it has its value, and a call's writes
//! are locked instructions, which nothing overtakes. That the counters of the cores agree is
//! tested at the start.
//!
//! Elsewhere a counter that all threads share gives the stamps, in one order by itself.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst, fence};

/// Where stamps come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The time stamp counter.
    Tsc,
    /// A shared counter.
    Shared,
}

static SHARED: AtomicU64 = AtomicU64::new(1);

impl Clock {
    /// The best that this machine has.
    pub fn new() -> Clock {
        if tsc::is_invariant() && agrees() { Clock::Tsc } else { Clock::Shared }
    }

    /// A stamp before a call.
    #[inline(always)]
    pub fn before(self) -> u64 {
        match self {
            Clock::Tsc => tsc::before(),
            Clock::Shared => shared(),
        }
    }

    /// A stamp after a call.
    #[inline(always)]
    pub fn after(self) -> u64 {
        match self {
            Clock::Tsc => tsc::after(),
            Clock::Shared => shared(),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

fn shared() -> u64 {
    fence(SeqCst);
    let stamp = SHARED.fetch_add(1, SeqCst);
    fence(SeqCst);
    stamp
}

/// Two threads hand stamps to and fro: none may be less than what it answers.
fn agrees() -> bool {
    const TURNS: u64 = 2_000;
    // The highest stamp so far, and whose turn it is in the lowest bit.
    let ball = AtomicU64::new(0);
    let play = |side: u64| {
        let mut good = true;
        for _ in 0..TURNS {
            let mut seen = ball.load(SeqCst);
            while seen & 1 != side {
                std::thread::yield_now();
                seen = ball.load(SeqCst);
            }
            let stamp = tsc::before();
            good &= stamp & !1 >= seen & !1;
            ball.store(tsc::after() & !1 | (side ^ 1), SeqCst);
        }
        good
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| play(1));
        play(0) & other.join().expect("it only looks")
    })
}

#[cfg(target_arch = "x86_64")]
mod tsc {
    use core::arch::asm;
    use core::arch::x86_64::__cpuid;

    /// Whether the counter runs at one rate, in all states of the processor, and `rdtscp` is there.
    pub fn is_invariant() -> bool {
        const LAST: u32 = 0x8000_0000;
        let has =
            |leaf: u32, bit: u32| __cpuid(LAST).eax >= leaf && __cpuid(leaf).edx & 1 << bit != 0;
        has(LAST + 7, 8) && has(LAST + 1, 27)
    }

    #[inline(always)]
    pub fn before() -> u64 {
        let (low, high): (u64, u64);
        // SAFETY: these instructions are there (`is_invariant`) and touch no memory; to the
        // compiler they may, so it moves no access across.
        unsafe {
            asm!("lfence", "rdtsc", "lfence", out("rax") low, out("rdx") high, options(nostack));
        }
        high << 32 | low
    }

    #[inline(always)]
    pub fn after() -> u64 {
        let (low, high): (u64, u64);
        // SAFETY: as above; `rdtscp` also writes ecx.
        unsafe {
            asm!("rdtscp", "lfence", out("rax") low, out("rdx") high, out("rcx") _, options(nostack));
        }
        high << 32 | low
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod tsc {
    pub fn is_invariant() -> bool {
        false
    }

    pub fn before() -> u64 {
        unreachable!("not chosen where there is none")
    }

    pub use before as after;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_never_go_back() {
        for clock in [Clock::new(), Clock::Shared] {
            let mut last = 0;
            for _ in 0..10_000 {
                let (before, after) = (clock.before(), clock.after());
                assert!(last <= before && before <= after, "{clock:?}");
                last = after;
            }
            assert!(last > 0);
        }
    }
}
