//! What was run, on what.

use crate::results::{About, Results};
use std::fmt::Write;

pub fn machine(results: &Results) -> String {
    let About { cpu, cores, memory, system, rustc, allocator, versions, .. } = results.about();
    let mut text = format!(
        "{cpu}, {cores} cores, {memory}, {system}; {rustc}; {allocator}; {}.\n\n",
        versions.join(", "),
    );
    text += "```\n";
    results.runs.iter().for_each(|run| _ = writeln!(text, "{}", run.command));
    text += "```\n\n";
    for run in &results.runs {
        let [before, after] = run.load;
        let _ = writeln!(
            text,
            "Run on {}, at commit {}: {} rounds, {} builds, seed {}; the machine's load was \
             {before:.1} before and {after:.1} at the end{}.",
            run.date,
            run.commit,
            run.rounds,
            run.builds,
            run.seed,
            if is_busy(run) { ", so **it was not quiet**" } else { "" },
        );
    }
    text
}

/// Whether others wanted the cores too.
fn is_busy(run: &About) -> bool {
    let [before, after] = run.load;
    before > 0.5 || after > run.cores as f64 + 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::about;

    #[test]
    fn a_busy_machine_is_said_to_be() {
        let quiet = machine(&Results::empty(about()));
        assert!(!quiet.contains("not quiet") && quiet.contains("papaya 0.2"));
        let busy = About { load: [3.0, 2.0], ..about() };
        assert!(machine(&Results::empty(busy)).contains("not quiet"));
    }
}
