//! The pure parts: words, the scan of a group, walks, the sizes of tables. Each is compared with the
//! same thing said again, slowly, from the documentation.

use crate::input::Input;
use dolmen::fuzz::{self, Bed, Content, EMPTY, SEALED, Sizes};

const FLAGS: u64 = 7;
const ADDRESS: u64 = (1 << 48) - 8;
/// What an ident is, of 64 bits: the 3 low ones are not there, and one of the tag is always set.
const ALWAYS: u64 = 1 << 48;
const GROUP: usize = 8;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    while !input.is_over() {
        match input.byte() % 6 {
            0 => hash(input.long()),
            1 => word(&mut input),
            2 => any_bits(input.long()),
            3 => scan(&mut input),
            4 => sizes(&mut input),
            _ => walk(&mut input),
        }
    }
}

fn ident_of(bits: u64) -> u64 {
    bits & !FLAGS | ALWAYS
}

fn tag_of(bits: u64) -> u16 {
    (ident_of(bits) >> 48) as u16
}

/// The mix is a bijection.
fn hash(n: u64) {
    assert_eq!(fuzz::hash_for(fuzz::ident_for(n)), n);
    assert_eq!(fuzz::ident_for(fuzz::hash_for(n)), n);
}

/// What is put in a word comes out of it.
fn word(input: &mut Input) {
    let (bits, address, list) = (input.long(), input.long() & ADDRESS, input.flag());
    let tag = tag_of(bits);
    assert_ne!(tag, 0);
    let live = fuzz::live(address, bits, list);
    let frozen = fuzz::frozen(live);
    assert_eq!(fuzz::thawed(frozen), live);
    assert_eq!(fuzz::frozen(frozen), frozen);
    for (word, state) in [(live, 'L'), (frozen, 'F')] {
        let parts = fuzz::parts(word);
        assert_eq!((parts.state, parts.tag, parts.is_list), (state, tag, list));
        assert!(parts.has_node && !parts.ends_walk);
        assert_eq!((parts.address, parts.carried), (Some(address), None));
        assert_eq!(parts.is_plain, Some(state == 'L' && !list));
        assert_eq!(parts.is_dead, Some(false));
    }
    let tomb = fuzz::tomb(bits);
    for (word, state) in [(tomb, 'T'), (fuzz::moved(bits), 'M')] {
        let parts = fuzz::parts(word);
        assert_eq!((parts.state, parts.tag, parts.is_list), (state, tag, false));
        assert!(!parts.has_node && !parts.ends_walk);
        assert_eq!((parts.address, parts.carried), (None, Some(tomb)));
        assert_eq!((parts.is_plain, parts.is_dead), (Some(false), Some(true)));
        assert_eq!(word & !FLAGS, ident_of(bits));
    }
    let words = [live, frozen, tomb, fuzz::moved(bits), EMPTY, SEALED];
    let states = words.map(|word| fuzz::parts(word).state);
    assert_eq!(states, ['L', 'F', 'T', 'M', '.', 'S']);
    for word in [EMPTY, SEALED] {
        let parts = fuzz::parts(word);
        assert!(parts.ends_walk && !parts.has_node && !parts.is_list);
        assert_eq!((parts.tag, parts.address, parts.carried), (0, None, None));
    }
    // Words of two idents differ, whatever else is the same.
    let other = input.long();
    if ident_of(other) != ident_of(bits) {
        assert_ne!(fuzz::tomb(other), tomb);
        assert_ne!(fuzz::moved(other), fuzz::moved(bits));
    }
}

/// Bits that no word has are told apart all the same, without a panic, and the answers agree.
fn any_bits(bits: u64) {
    let parts = fuzz::parts(bits);
    assert_eq!(parts.has_node, matches!(parts.state, 'L' | 'F'));
    assert_eq!(parts.address.is_some(), parts.has_node);
    assert_eq!(parts.carried.is_some(), matches!(parts.state, 'T' | 'M'));
    assert_eq!(parts.ends_walk, parts.tag == 0);
    if let Some(dead) = parts.is_dead {
        assert_eq!(dead, !parts.has_node);
    }
    if parts.is_plain == Some(true) {
        assert_eq!((parts.state, parts.is_list), ('L', false));
    }
}

/// The vector scan proposes what the loop does, which is where the tag is.
fn scan(input: &mut Input) {
    let shared = input.long();
    let words = [(); GROUP].map(|()| match input.byte() % 8 {
        0 => EMPTY,
        1 => SEALED,
        2 => shared,
        3 => fuzz::tomb(shared),
        4 => shared ^ 1 << (input.byte() % 64),
        5 => fuzz::live(input.long() & ADDRESS, shared, false),
        6 => shared & !(0xffff << 48) | u64::from(input.word()) << 48,
        _ => input.long(),
    });
    let tags = words.iter().map(|word| (word >> 48) as u16);
    for tag in tags.chain([0, input.word(), (shared >> 48) as u16]) {
        let (fast, slow) = fuzz::scan(words, tag);
        let places: Vec<usize> = (0..GROUP).filter(|i| (words[*i] >> 48) as u16 == tag).collect();
        assert_eq!((&fast, &slow), (&places, &places), "{tag:#x} in {words:x?}");
    }
}

/// Tables are large enough, and no larger; sizes that cannot be are refused.
fn sizes(input: &mut Input) {
    let (entries, participants) = (input.magnitude(), input.magnitude());
    let slots = GROUP << (input.byte() % 58);
    // Of large tables of words a quarter stays free.
    sizes_of(&fuzz::OF_NODES, 1, entries, participants, slots);
    sizes_of(&fuzz::OF_WORDS, 2, entries, participants, slots);
}

/// Of one kind, whose large tables are to have so many eighths free.
fn sizes_of(kind: &Sizes, free: u128, entries: usize, participants: usize, slots: usize) {
    let limit = |slots: u128| slots - slots / 8 * if slots < 1 << 20 { 1 } else { free };
    match (kind.slots_for)(entries) {
        Some(slots) => {
            assert!(slots.is_power_of_two() && slots >= kind.group);
            assert!((kind.limit_of)(slots) >= entries);
            assert!(slots <= 8 || (kind.limit_of)(slots / 2) < entries);
        }
        None => {
            assert!(entries as u128 * 8 > usize::MAX as u128 || entries > limit(1 << 63) as usize)
        }
    }
    assert_eq!((kind.limit_of)(slots) as u128, limit(slots as u128));
    let live = entries.min(slots);
    let (wide, most) = (live as u128, live as u128 + participants as u128 + 1);
    match (kind.successor_of)(slots, live, participants) {
        Some(next) => {
            assert!(next.is_power_of_two());
            let holds = limit(next as u128);
            assert!(holds >= most, "all that live, and one more of each participant");
            assert!(holds * 3 >= most * 4 - 3, "a third to spare");
            if wide > limit(slots as u128) / 2 {
                assert!(next >= slots * if slots < 1 << 20 { 4 } else { 2 });
            } else if live < slots / 8 {
                assert!(holds >= 4 * wide + slots as u128 / 64, "and what comes meanwhile");
            } else {
                assert!(next >= slots && wide * 2 <= holds, "room to the next purge");
            }
            // No more than the largest of the reasons asks for.
            let reasons = [slots as u128 * 4, 16 * wide, 4 * most + 8, GROUP as u128];
            assert!(next as u128 <= *reasons.iter().max().expect("some"));
        }
        None => assert!(most * 4 > 1 << 60, "{slots} {live} {participants}"),
    }
}

/// A content that a walk may meet, of one of a few idents.
fn content(input: &mut Input, idents: &[u64]) -> Content {
    let ident = idents[input.below(idents.len())];
    match input.byte() % 10 {
        0 => Content::Empty,
        1 => Content::Sealed,
        2 | 3 => Content::Live { ident, list: false },
        4 => Content::Live { ident, list: true },
        5 => Content::Frozen { ident, list: input.flag() },
        6 | 7 => Content::Tomb(ident),
        _ => Content::Moved(ident),
    }
}

fn owner(content: Content) -> Option<u64> {
    match content {
        Content::Empty | Content::Sealed => None,
        Content::Live { ident, .. } | Content::Frozen { ident, .. } => Some(ident_of(ident)),
        Content::Tomb(ident) | Content::Moved(ident) => Some(ident_of(ident)),
    }
}

fn letter(content: Content) -> char {
    match content {
        Content::Empty => '.',
        Content::Sealed => 'S',
        Content::Live { .. } => 'L',
        Content::Frozen { .. } => 'F',
        Content::Tomb(_) => 'T',
        Content::Moved(_) => 'M',
    }
}

/// The first slot, in the ident's walk order, that is the ident's, EMPTY or SEALED.
fn expected(slots: &[Content], ident: u64) -> fuzz::Found {
    let groups = slots.len() / GROUP;
    let home = (ident_of(ident) >> 3) as usize & (groups - 1);
    // In a table as small as these; in larger ones by strides, later on.
    let group = |nth: usize| (home + nth * (nth + 1) / 2) % groups;
    let order = (0..groups).flat_map(|nth| (0..GROUP).map(move |j| group(nth) * GROUP + j));
    let ends = |i: &usize| owner(slots[*i]).is_none_or(|owner| owner == ident_of(ident));
    order.into_iter().find(ends).map(|i| (letter(slots[i]), i))
}

/// Walks in a table that was filled as the protocol fills tables: each ident where its walk ended.
fn walk(input: &mut Input) {
    let mut bed = Bed::new(1 << (input.byte() % 4));
    let mut slots = vec![Content::Empty; bed.slots()];
    // Few idents, that share homes and tags.
    let base = input.long();
    let near = |byte: u8| match byte % 4 {
        0 => base ^ u64::from(byte / 4) << 3,
        1 => base ^ u64::from(byte / 4) << 49,
        2 => base ^ u64::from(byte / 4) << 40,
        _ => base.wrapping_mul(u64::from(byte) | 1),
    };
    let idents = [(); 12].map(|()| near(input.byte()));
    for _ in 0..input.below(2 * slots.len()) {
        let content = content(input, &idents);
        // An ident goes where its walk ends; what has no ident ends a slot that was empty.
        let place = match owner(content) {
            Some(ident) => match expected(&slots, ident) {
                Some(('S', _)) | None => continue,
                Some((_, place)) => place,
            },
            None => input.below(slots.len()),
        };
        if owner(content).is_none() && slots[place] != Content::Empty {
            continue;
        }
        slots[place] = content;
        bed.set(place, content);
    }
    for ident in idents.into_iter().chain([near(input.byte()), base]) {
        let home = (ident_of(ident) >> 3) as usize & (slots.len() / GROUP - 1);
        assert_eq!(bed.home(ident), home);
        let found = expected(&slots, ident);
        assert_eq!(bed.walk(ident), found, "{ident:#x} in {slots:x?}");
        let owned = matches!(found, Some(('L' | 'F' | 'T' | 'M', _)));
        assert_eq!(bed.owns_slot(ident), owned);
        glance(&bed, &slots, ident, found);
    }
}

/// A glance says what the walk says, or that it does not know; of a live word it compares the tag
/// only.
fn glance(bed: &Bed, slots: &[Content], ident: u64, walk: fuzz::Found) {
    match bed.glance(ident) {
        None => {}
        Some(('L', place)) => {
            assert_eq!(place / GROUP, bed.home(ident));
            assert!(matches!(slots[place], Content::Live { list: false, .. }));
            let owner = owner(slots[place]).expect("it is live");
            assert_eq!(tag_of(owner), tag_of(ident));
            if owner == ident_of(ident) {
                assert_eq!(walk, Some(('L', place)));
            }
        }
        found => assert_eq!(found, walk),
    }
}
