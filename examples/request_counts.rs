//! Requests per client in a sliding window of seconds, for thousands of clients: what a rate limiter
//! asks. Each client has a ring of one bucket a second; a bucket is one word, which says of which second
//! it is and how many requests that second had, so that counting, and beginning a second anew, are one
//! atomic step, and nothing is allocated.
//!
//! ```sh
//! cargo run --release --example request_counts
//! ```

use dolmen::{Word, WordMap};
use std::thread;
use std::time::Instant;

/// Seconds that the window covers, the present one included.
const WINDOW: u32 = 10;

/// A place in a client's ring.
#[derive(Clone, Copy)]
struct Place {
    client: u32,
    index: u32,
}

impl Word for Place {
    type Repr = u64;

    fn into_repr(self) -> u64 {
        u64::from(self.client) << 32 | u64::from(self.index)
    }

    fn from_repr(repr: u64) -> Self {
        Place { client: (repr >> 32) as u32, index: repr as u32 }
    }
}

/// A second, since the service began, and the requests of a client in it.
#[derive(Clone, Copy)]
struct Bucket {
    second: u32,
    count: u32,
}

impl Word for Bucket {
    type Repr = u64;

    /// Fits into a slot for 34 years.
    fn into_repr(self) -> u64 {
        u64::from(self.second) << 32 | u64::from(self.count)
    }

    fn from_repr(repr: u64) -> Self {
        Bucket { second: (repr >> 32) as u32, count: repr as u32 }
    }
}

#[derive(Default)]
struct Requests {
    buckets: WordMap<Place, Bucket>,
}

impl Requests {
    fn place(client: u32, second: u32) -> Place {
        Place { client, index: second % WINDOW }
    }

    /// Counts a request.
    fn record(&self, client: u32, now: u32) {
        let count = |seen: Bucket| match seen.second {
            second if second == now => Bucket { count: seen.count + 1, ..seen },
            second if second < now => Bucket { second: now, count: 1 },
            // Somebody's clock is ahead: the second is over.
            _ => seen,
        };
        self.buckets.update_or_insert(
            Self::place(client, now),
            count,
            Bucket { second: now, count: 1 },
        );
    }

    /// The requests of a client in the window that ends now.
    fn in_window(&self, client: u32, now: u32) -> u32 {
        let ring: [Place; WINDOW as usize] =
            std::array::from_fn(|index| Place { client, index: index as u32 });
        let mut sum = 0;
        self.buckets.get_many(&ring, |_, bucket| {
            let current = bucket.filter(|bucket| bucket.second + WINDOW > now);
            sum += current.map_or(0, |bucket| bucket.count);
        });
        sum
    }

    /// Forgets what is out of the window: for clients that do not come any more. A bucket that is
    /// counted into meanwhile stays, for what is removed is what was looked at.
    fn sweep(&self, now: u32) {
        self.buckets.retain(|_, bucket| bucket.second + WINDOW > now);
    }
}

/// The requests of a thread in a second: some clients send many, most send few.
fn clients_of(thread: u32, second: u32, clients: u32, requests: u32) -> impl Iterator<Item = u32> {
    let mut state = u64::from(thread) << 32 | u64::from(second) | 1 << 63;
    (0..requests).map(move |_| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let uniform = (state >> 33) as f64 / f64::from(1u32 << 31);
        // After the first half, only every second client comes.
        let client = (uniform * uniform * f64::from(clients)) as u32;
        if second > 20 { client & !1 } else { client }
    })
}

/// Runs for so many seconds of a clock of its own, and checks each of them.
fn run(seconds: u32, clients: u32, requests: u32) -> f64 {
    const THREADS: u32 = 4;
    let counts = Requests::default();
    // For each second, what was sent.
    let mut sent: Vec<Vec<u32>> = Vec::new();
    let start = Instant::now();
    for now in 0..seconds {
        thread::scope(|scope| {
            for t in 0..THREADS {
                let counts = &counts;
                scope.spawn(move || {
                    for client in clients_of(t, now, clients, requests) {
                        counts.record(client, now);
                    }
                    counts.sweep(now);
                });
            }
            // Somebody looks meanwhile.
            let seen: u32 = (0..clients).map(|client| counts.in_window(client, now)).sum();
            assert!(seen <= THREADS * requests * WINDOW);
        });
        let mut of_second = vec![0; clients as usize];
        for t in 0..THREADS {
            clients_of(t, now, clients, requests)
                .for_each(|client| of_second[client as usize] += 1);
        }
        sent.push(of_second);
        check(&counts, &sent, now);
    }
    f64::from(seconds * THREADS * requests) / start.elapsed().as_secs_f64()
}

/// Every window holds exactly what was sent in it, and nothing older is kept.
fn check(counts: &Requests, sent: &[Vec<u32>], now: u32) {
    let window = &sent[sent.len().saturating_sub(WINDOW as usize)..];
    for client in 0..sent[0].len() {
        let expected: u32 = window.iter().map(|second| second[client]).sum();
        assert_eq!(counts.in_window(client as u32, now), expected, "client {client} at {now}");
    }
    let live = window.iter().flatten().filter(|count| **count > 0).count();
    assert_eq!(counts.buckets.len(), live);
}

fn main() {
    let per_second = run(40, 5000, 20_000);
    println!(
        "every count of every window came out; {per_second:.0} requests a second were counted"
    );
}

#[cfg(test)]
#[test]
fn every_window_is_exact() {
    run(35, 300, 1000);
}
