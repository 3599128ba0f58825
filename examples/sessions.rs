//! A session store: many threads create, touch and end sessions while another one sweeps out what
//! has expired.
//!
//! A touch is an `update`, not an atomic in the value: so a session that is touched cannot be swept
//! by a sweeper that looked at it before. One of the two comes first.
//!
//! ```sh
//! cargo run --example sessions
//! ```

use dolmen::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Seconds, from a clock that the caller reads.
type Seconds = u64;

#[derive(Clone, Debug)]
struct Session {
    user: String,
    expires: Seconds,
}

struct Sessions {
    by_token: HashMap<String, Session>,
    lifetime: Seconds,
    made: AtomicU64,
}

impl Sessions {
    fn new(lifetime: Seconds) -> Self {
        Sessions { by_token: HashMap::new(), lifetime, made: AtomicU64::new(0) }
    }

    /// A new session's token. A real one comes from a random source.
    fn create(&self, user: &str, now: Seconds) -> String {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let token = format!("{user}-{number:08x}");
        let session = Session { user: user.into(), expires: now + self.lifetime };
        self.by_token.try_insert(token.clone(), session).expect("tokens are unique");
        token
    }

    /// Whose session it is; `None` if it has expired.
    fn user(&self, token: &str, now: Seconds) -> Option<String> {
        let session = self.by_token.get(token)?;
        (now < session.expires).then(|| session.user.clone())
    }

    /// Lets a session live on; false if it has expired, or was never there.
    fn touch(&self, token: &str, now: Seconds) -> bool {
        let expires = now + self.lifetime;
        let touched = self.by_token.update(token.into(), |_, session| {
            if now < session.expires {
                Session { expires, ..session.clone() }
            } else {
                session.clone()
            }
        });
        touched.is_some_and(|session| now < session.expires)
    }

    fn end(&self, token: &str) -> bool {
        self.by_token.remove(token).is_some()
    }

    /// Removes what has expired: exactly the entries that were looked at.
    fn sweep(&self, now: Seconds) {
        self.by_token.retain(|_, session| now < session.expires);
    }
}

fn main() {
    const THREADS: usize = 4;
    const EACH: usize = 10_000;
    let sessions = Sessions::new(30);

    // Of each four sessions, one is ended, one touched, two are left to expire.
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let sessions = &sessions;
            scope.spawn(move || {
                for i in 0..EACH {
                    let token = sessions.create(&format!("user{thread}"), 0);
                    match i % 4 {
                        0 => assert!(sessions.end(&token)),
                        1 => assert!(sessions.touch(&token, 20)),
                        _ => {}
                    }
                }
            });
        }
        // Nothing has expired at 10, so this must take nothing.
        scope.spawn(|| (0..20).for_each(|_| sessions.sweep(10)));
    });
    let total = THREADS * EACH;
    assert_eq!(sessions.by_token.len(), total / 4 * 3);

    sessions.sweep(40);
    assert_eq!(sessions.by_token.len(), total / 4, "those that were touched");
    let token = sessions.by_token.keys().next().expect("some are left").clone();
    assert!(sessions.user(&token, 49).is_some());
    assert!(sessions.user(&token, 50).is_none(), "expired, though not swept yet");
    assert!(!sessions.touch(&token, 50), "and cannot be revived");

    println!("{total} sessions made, {} left, as there should be", sessions.by_token.len());
}

#[cfg(test)]
#[test]
fn touched_sessions_stay_and_others_go() {
    main();
}
