//! Tests that need a process of their own: the test starts its own binary again, with a part to play.
//!
//! ```ignore
//! #[test]
//! fn exits() {
//!     match child::part().as_deref() {
//!         None => child::play("exits", "writer", &[]).succeeds(),
//!         Some(part) => ..,
//!     }
//! }
//! ```

#![allow(dead_code)] // each test binary uses its part

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PART: &str = "DOLMEN_TEST_PART";
/// How long a child may take, on a machine that has more to do.
const LIMIT: Duration = Duration::from_secs(120);

/// What this process is to play, if it is a child.
pub fn part() -> Option<String> {
    std::env::var(PART).ok()
}

/// How a child ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stderr: String,
    pub after: Duration,
}

/// Runs the test of this name (as the harness calls it) in a child, to play `part`, with `variables`
/// in its environment; waits for its end.
#[track_caller]
pub fn play(test: &str, part: &str, variables: &[(&str, &str)]) -> Ended {
    let start = Instant::now();
    let mut child = Command::new(std::env::current_exe().expect("the test has a binary"))
        .args([test, "--exact", "--nocapture"])
        .env(PART, part)
        .env_remove("DOLMEN_FENCES")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary that runs can be run");
    let mut pipe = child.stderr.take().expect("it is piped");
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        pipe.read_to_end(&mut text).expect("a pipe can be read");
        String::from_utf8_lossy(&text).into_owned()
    });
    let status = loop {
        match child.try_wait().expect("it is our child") {
            Some(status) => break status,
            None if start.elapsed() > LIMIT => {
                child.kill().expect("it is our child");
                panic!("{test}, {part}: no end after {LIMIT:?}");
            }
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    let stderr = reader.join().expect("it only reads");
    Ended { status, stderr, after: start.elapsed() }
}

impl Ended {
    /// The child's test passed.
    #[track_caller]
    pub fn succeeds(&self) {
        assert!(self.status.success(), "{}\n{}", self.status, self.stderr);
    }

    /// The signal that ended it.
    #[cfg(unix)]
    pub fn signal(&self) -> Option<i32> {
        std::os::unix::process::ExitStatusExt::signal(&self.status)
    }
}
