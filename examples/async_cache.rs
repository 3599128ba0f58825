//! A cache for asynchronous code: each key is loaded once, however many tasks ask for it at once.
//!
//! The values are `OnceCell`s. The first task to ask for a key loads it, the others wait for that
//! load (not for the map), and a load that fails leaves the cell empty for the next one to try.
//!
//! ```sh
//! cargo run --example async_cache
//! ```

use dolmen::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::OnceCell;

#[derive(Default)]
struct Cache {
    pages: HashMap<String, OnceCell<String>>,
    loads: AtomicU64,
}

impl Cache {
    async fn get(&self, name: &str) -> Result<String, String> {
        // A guard that is `Send`: this future may go on on another thread. While it waits, what
        // maps have retired is not freed; where loads are slow, let the value be an `Arc` of the
        // cell, and clone it out instead.
        let pages = self.pages.pin_owned();
        let cell = match pages.get(name) {
            Some(cell) => cell,
            None => pages.get_or_insert_with(name.into(), OnceCell::new),
        };
        cell.get_or_try_init(|| self.load(name)).await.cloned()
    }

    async fn load(&self, name: &str) -> Result<String, String> {
        let load = self.loads.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(5)).await;
        match name {
            "missing" => Err("there is no such page".into()),
            _ => Ok(format!("page {name}, load {load}")),
        }
    }

    /// The next one to ask loads it anew. Whoever waits for a load now gets what that one brings,
    /// and the cache does not.
    fn invalidate(&self, name: &str) -> bool {
        self.pages.remove(name).is_some()
    }

    fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() {
    const TASKS: usize = 50;
    const PAGES: u64 = 10;
    let cache = Arc::new(Cache::default());

    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let cache = Arc::clone(&cache);
            tokio::spawn(async move {
                for page in 0..PAGES {
                    let text = cache.get(&page.to_string()).await.expect("all of them load");
                    assert!(text.starts_with(&format!("page {page},")));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no task panics");
    }
    assert_eq!(cache.loads(), PAGES, "each page was loaded once");

    let before = cache.get("7").await.expect("it is there");
    assert!(cache.invalidate("7"));
    let after = cache.get("7").await.expect("it loads again");
    assert_ne!(before, after);
    assert_eq!(cache.loads(), PAGES + 1);

    assert!(cache.get("missing").await.is_err());
    assert!(cache.get("missing").await.is_err());
    assert_eq!(cache.loads(), PAGES + 3, "a failure is not cached");

    println!("{} calls, {} loads", TASKS as u64 * PAGES + 4, cache.loads());
}

#[cfg(test)]
#[test]
fn each_page_is_loaded_once() {
    main();
}
