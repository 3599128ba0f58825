//! A page with text by hand and parts by this program, between markers:
//!
//! ```text
//! <!-- versus: name -->
//! made here
//! <!-- /versus -->
//! ```

const OPEN: &str = "<!-- versus: ";
const CLOSE: &str = "<!-- /versus -->";

/// The project's pages with such parts: figures, and how to choose a map.
pub const PAGES: [&str; 2] = ["benchmarks.md", "choosing.md"];

/// A name, and what is put between its markers.
pub type Section = (&'static str, String);

/// Puts the sections between their markers; all else stays. Of a section that is empty, for nothing
/// was measured for it, the old text stays too.
pub fn fill(page: &str, sections: &[Section]) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = page;
    while let Some((before, marked)) = rest.split_once(OPEN) {
        let (name, marked) = marked.split_once(" -->\n").ok_or("a marker without an end")?;
        let end = marked.find(CLOSE).ok_or_else(|| format!("no end of section {name}"))?;
        let section = sections.iter().find(|(section, _)| *section == name);
        let (_, text) = section.ok_or_else(|| format!("there is no section {name}"))?;
        let text = match text.trim() {
            "" => marked[..end].to_string(),
            text => format!("{text}\n"),
        };
        filled += &format!("{before}{OPEN}{name} -->\n{text}{CLOSE}");
        rest = &marked[end + CLOSE.len()..];
    }
    Ok(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\n<!-- versus: a -->\nold\n<!-- /versus -->\n\nBy hand.\n\
                        <!-- versus: b -->\n<!-- /versus -->\nend\n";

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let sections = [("a", "new a\n".to_string()), ("b", "| new | b |".to_string())];
        let filled = fill(PAGE, &sections).unwrap();
        let wanted = PAGE.replace("old\n", "new a\n").replace("b -->\n", "b -->\n| new | b |\n");
        assert_eq!(filled, wanted);
        assert_eq!(fill(&filled, &sections).unwrap(), filled, "twice is once");
        let nothing = [("a", String::new()), ("b", " \n".to_string())];
        assert_eq!(fill(&filled, &nothing).unwrap(), filled);
    }

    #[test]
    fn a_broken_page_is_refused() {
        assert!(fill(PAGE, &[]).is_err(), "unknown section");
        assert!(fill("<!-- versus: a -->\n", &[("a", "x".into())]).is_err(), "no end");
        assert_eq!(fill("no markers", &[]), Ok("no markers".into()));
    }

    #[test]
    fn the_pages_of_the_project_have_known_sections() {
        let docs = std::path::Path::new(crate::about::MANIFEST).join("../../docs");
        let results = crate::results::Results::empty(crate::results::tests::about());
        let sections =
            [crate::report::sections(&results, &[], ""), crate::report::choice(&results)];
        for (page, sections) in PAGES.iter().zip(sections) {
            let page = std::fs::read_to_string(docs.join(page)).unwrap();
            fill(&page, &sections).unwrap();
            for (name, _) in sections {
                assert!(page.contains(&format!("{OPEN}{name} -->")), "no section {name}");
            }
        }
    }
}
