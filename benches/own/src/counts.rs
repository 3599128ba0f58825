//! Counts that are kept in a file, and how new ones compare with them.

use std::fmt::Write;

/// What may pass unnoticed, in percent.
const TOLERANCE: f64 = 2.0;

const HEAD: &str = "\
# Instructions of one call, on a map of 1,000 keys, u64 to u64, one thread. Of `iterate`, of one entry.
# Those of a map of words begin with `words`.
# Counted by callgrind; the allocator counts with about 20 instructions. Kept by `.ci/count --record`.
";
const COMPILER: &str = "# Compiled by ";

#[derive(Clone, PartialEq, Debug)]
pub struct Counts {
    pub compiler: String,
    pub counts: Vec<(String, f64)>,
}

pub struct Verdict {
    pub text: String,
    pub passes: bool,
}

impl Counts {
    pub fn parse(text: &str) -> Result<Counts, String> {
        let compiler =
            text.lines().find_map(|line| line.strip_prefix(COMPILER)).unwrap_or_default();
        let count = |line: &str| {
            let (name, count) = line.split_once(' ')?;
            Some((name.to_string(), count.trim().parse().ok()?))
        };
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let counts = lines
            .map(|line| count(line).ok_or_else(|| format!("not a count: {line}")))
            .collect::<Result<_, _>>()?;
        Ok(Counts { compiler: compiler.trim_end_matches('.').into(), counts })
    }

    pub fn show(&self) -> String {
        let mut text = format!("{HEAD}{COMPILER}{}.\n", self.compiler);
        for (name, count) in &self.counts {
            let _ = writeln!(text, "{name:<15} {count:>7.1}");
        }
        text
    }

    fn of(&self, name: &str) -> Option<f64> {
        self.counts.iter().find(|(of, _)| of == name).map(|(_, count)| *count)
    }
}

/// Passes if no count has grown by more than the tolerance, and both have the same operations.
pub fn compare(kept: &Counts, new: &Counts) -> Verdict {
    let (mut text, mut passes, mut shrunk) = (String::new(), true, false);
    for (name, count) in &new.counts {
        let Some(was) = kept.of(name) else {
            let _ = writeln!(text, "{name:<15} {count:>7.1} is not kept yet: .ci/count --record");
            passes = false;
            continue;
        };
        // Kept with one decimal.
        let change = ((count * 10.0).round() / 10.0 / was - 1.0) * 100.0;
        let says = match change {
            _ if change > TOLERANCE => "  MORE",
            _ if change < -TOLERANCE => "  less",
            _ => "",
        };
        passes &= change <= TOLERANCE;
        shrunk |= change < -TOLERANCE;
        let _ = writeln!(text, "{name:<15} {count:>7.1} was {was:>7.1} {change:>+6.1} %{says}");
    }
    for (name, _) in kept.counts.iter().filter(|(name, _)| new.of(name).is_none()) {
        let _ = writeln!(text, "{name:<15} is kept and was not counted: .ci/count --record");
        passes = false;
    }
    if kept.compiler != new.compiler {
        let (was, is) = (&kept.compiler, &new.compiler);
        let _ = writeln!(text, "The counts were kept with {was}; this is {is}.");
    }
    if !passes {
        text += "Some counts grew by more than 2 %. If that is right, say why, and .ci/count --record.\n";
    } else if shrunk {
        text += "Fewer than were kept: .ci/count --record, so that it stays so.\n";
    }
    Verdict { text, passes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, f64)]) -> Counts {
        let counts = counts.iter().map(|(name, count)| (name.to_string(), *count)).collect();
        Counts { compiler: "rustc 1".into(), counts }
    }

    #[test]
    fn counts_survive_the_file() {
        let kept = counts(&[("get_hit", 85.0), ("iterate", 7.3)]);
        assert_eq!(Counts::parse(&kept.show()), Ok(kept));
        assert!(Counts::parse("get_hit many\n").is_err());
    }

    #[test]
    fn only_growth_fails() {
        let kept = counts(&[("get", 100.0)]);
        for (new, passes, says) in [
            (101.9, true, "+1.9 %\n"),
            (102.1, false, "MORE"),
            (98.1, true, "-1.9 %\n"),
            (90.0, true, "so that it stays so"),
        ] {
            let verdict = compare(&kept, &counts(&[("get", new)]));
            assert_eq!(verdict.passes, passes, "{new}");
            assert!(verdict.text.contains(says), "{new}: {}", verdict.text);
        }
        assert!(compare(&kept, &kept).passes);
    }

    #[test]
    fn operations_must_be_the_same() {
        let (one, two) = (counts(&[("a", 1.0)]), counts(&[("a", 1.0), ("b", 1.0)]));
        assert!(!compare(&one, &two).passes && !compare(&two, &one).passes);
    }
}
