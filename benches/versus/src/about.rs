//! What was run, when, on what.

use crate::alloc;
use crate::results::About;
use std::path::Path;
use std::process::Command;

pub const MANIFEST: &str = env!("CARGO_MANIFEST_DIR");
const PEERS: [&str; 6] = ["papaya", "dashmap", "scc", "flurry", "hashbrown", "foldhash"];

/// For a run with these settings that begins now.
pub fn about(rounds: usize, builds: usize, seed: u64) -> About {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let command = "cargo run --release --manifest-path benches/versus/Cargo.toml --";
    About {
        command: format!("{command} {}", args.join(" ")).trim_end_matches([' ', '-']).to_string(),
        date: output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        commit: output("git", &["-C", MANIFEST, "describe", "--always", "--dirty"]),
        cpu: cpu(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory: memory(),
        // The release, without what its builder calls it.
        system: output("uname", &["-sr"]).split('-').next().unwrap_or_default().into(),
        rustc: output("rustc", &["--version"]),
        allocator: alloc::NAME.into(),
        rounds,
        builds,
        seed,
        versions: versions(&read(&Path::new(MANIFEST).join("Cargo.lock"))),
        load: [load(), 0.0],
    }
}

/// What a program prints, or that nothing is known.
fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().ok().filter(|out| out.status.success());
    let text = output.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_string());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".into())
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

/// The value of a line `name : value` of a file of the system's.
fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_string())
}

fn cpu() -> String {
    let text = read(Path::new("/proc/cpuinfo"));
    let cpu = field(&text, "model name").or_else(|| field(&text, "CPU part"));
    cpu.unwrap_or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"]))
}

fn memory() -> String {
    let total = field(&read(Path::new("/proc/meminfo")), "MemTotal");
    let kib = total.and_then(|total| total.split(' ').next()?.parse::<f64>().ok());
    kib.map_or_else(|| "unknown".into(), |kib| format!("{:.0} GiB", kib / f64::from(1 << 20)))
}

/// Threads that ran or waited for a core in the last minute, on average.
pub fn load() -> f64 {
    let text = read(Path::new("/proc/loadavg"));
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}

/// The peers' versions, of all versions in a lock file the last.
fn versions(lock: &str) -> Vec<String> {
    let packages = lock.split("[[package]]").filter_map(|package| {
        let field = |name: &str| package.split_once(&format!("\n{name} = \""))?.1.split('"').next();
        Some((field("name")?, field("version")?))
    });
    let packages: Vec<_> = packages.collect();
    let last = |peer: &&str| {
        let found = packages.iter().rfind(|(name, _)| name == peer);
        found.map(|(name, version)| format!("{name} {version}"))
    };
    PEERS.iter().filter_map(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"papaya\"\nversion = \"0.2.5\"\n\n[[package]]\n\
                    name = \"scc\"\nversion = \"3.8.8\"\n\n[[package]]\nname = \"scc-other\"\nversion = \"1\"\n";
        assert_eq!(versions(lock), ["papaya 0.2.5", "scc 3.8.8"]);
    }

    #[test]
    fn fields_of_the_system() {
        assert_eq!(field("a : 1\nmodel name\t: X 5\n", "model name"), Some("X 5".into()));
        assert_eq!(field("a : 1\n", "b"), None);
    }
}
