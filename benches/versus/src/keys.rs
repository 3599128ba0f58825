//! Keys, and the order in which they are asked for.

/// A type of key.
pub trait Key: Clone + std::hash::Hash + Ord + Send + Sync + 'static {
    /// The key for a number; different numbers give different keys.
    fn of(number: u64) -> Self;
}

impl Key for u64 {
    /// Spread over all 64 bits: a bijection.
    fn of(number: u64) -> u64 {
        mix(number)
    }
}

pub fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The keys of a cell, in the order of insertion and in another one for everything after.
pub struct Keys<K> {
    pub inserted: Vec<K>,
    pub asked: Vec<K>,
}

impl<K: Key> Keys<K> {
    pub fn new(count: usize, seed: u64) -> Self {
        let inserted: Vec<K> = (0..count as u64).map(|n| K::of(n ^ seed << 40)).collect();
        let mut asked = inserted.clone();
        let mut state = seed;
        for end in (1..asked.len()).rev() {
            state = mix(state);
            asked.swap(end, ((u128::from(state) * (end as u128 + 1)) >> 64) as usize);
        }
        Keys { inserted, asked }
    }

    /// What a thread inserts.
    pub fn to_insert(&self, thread: usize, threads: usize) -> &[K] {
        part(&self.inserted, thread, threads)
    }

    /// What a thread asks for in a round: some of its part, another stretch each round; and how
    /// often, so that a round has about `calls` calls.
    pub fn to_ask(&self, share: Share, calls: usize) -> (&[K], usize) {
        let part = part(&self.asked, share.thread, share.threads);
        if calls >= part.len() {
            return (part, calls.div_ceil(part.len().max(1)));
        }
        let stretches = part.len() / calls;
        (&part[share.round % stretches * calls..][..calls], 1)
    }
}

/// A thread's share of the work of a round.
#[derive(Clone, Copy)]
pub struct Share {
    pub thread: usize,
    pub threads: usize,
    pub round: usize,
}

fn part<K>(keys: &[K], thread: usize, threads: usize) -> &[K] {
    let bound = |thread| keys.len() * thread / threads;
    &keys[bound(thread)..bound(thread + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_have_every_key_once() {
        let Keys { mut inserted, mut asked } = Keys::<u64>::new(1000, 7);
        assert_ne!(inserted, asked);
        inserted.sort();
        asked.sort();
        assert_eq!(inserted, asked);
        inserted.dedup();
        assert_eq!(inserted.len(), 1000);
    }

    #[test]
    fn threads_and_rounds_cover_the_keys() {
        let keys = Keys::<u64>::new(1000, 7);
        let mut seen: Vec<u64> = Vec::new();
        for thread in 0..3 {
            for round in 0..3 {
                let (keys, repeats) = keys.to_ask(Share { thread, threads: 3, round }, 111);
                assert_eq!((keys.len(), repeats), (111, 1));
                seen.extend(keys);
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 999);
        let share = Share { thread: 1, threads: 2, round: 5 };
        assert_eq!(keys.to_ask(share, 1001).1, 3);
    }
}
