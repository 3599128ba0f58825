//! A figure: panels side by side, one legend below.

use super::axis::Axis;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::path::Path;

pub struct Figure {
    pub title: String,
    /// What one should know to read it.
    pub text: String,
    pub panels: Vec<Panel>,
    pub columns: usize,
    /// Width and height of each.
    pub panel_size: (u32, u32),
}

pub struct Panel {
    pub title: String,
    pub x: Axis,
    pub y: Axis,
    pub lines: Vec<Line>,
    /// Whether y is rows, one to each 1, rather than a quantity.
    pub rows: bool,
}

/// Points of one map.
#[derive(Clone)]
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
    pub drawn: Drawn,
}

/// How points are drawn.
#[derive(Clone, Copy, PartialEq)]
pub enum Drawn {
    Line,
    /// Few points, a measurement each.
    Marked,
    /// Points that say nothing of what is between them.
    Dots,
}

impl Line {
    pub fn new(name: &str, points: Vec<(f64, f64)>) -> Line {
        Line { name: name.into(), points, drawn: Drawn::Line }
    }

    /// What of it is not farther right.
    pub fn until(&self, end: f64) -> Line {
        let points = self.points.iter().copied().filter(|(x, _)| *x <= end).collect();
        Line { points, ..self.clone() }
    }

    pub fn xs(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.0)
    }

    pub fn ys(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.1)
    }
}

pub const FONT: &str = "DejaVu Sans, Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(60, 60, 60);
const GRID: RGBColor = RGBColor(225, 225, 225);
const BAND: RGBColor = RGBColor(243, 243, 243);
/// The name of the line where two maps are even, which the legend leaves out.
pub const EVEN: &str = "even";
const TITLE: u32 = 34;
/// A row of the legend.
const LEGEND: u32 = 24;

/// The colour and width of a map's lines; the first map stands out.
pub fn style(name: &str) -> (RGBColor, u32) {
    match name {
        "dolmen" => (RGBColor(200, 30, 30), 3),
        "dolmen-words" => (RGBColor(235, 70, 160), 3),
        "papaya" => (RGBColor(230, 140, 0), 2),
        "dashmap" => (RGBColor(0, 110, 190), 2),
        "scc" => (RGBColor(0, 145, 100), 2),
        "scc-index" => (RGBColor(110, 190, 120), 2),
        "flurry" => (RGBColor(150, 80, 180), 2),
        "striped" => (RGBColor(120, 110, 60), 2),
        "rwlock" => (RGBColor(165, 120, 95), 2),
        "mutex" => (RGBColor(70, 70, 70), 2),
        "hashbrown" => (RGBColor(0, 0, 0), 2),
        "array" => (RGBColor(190, 190, 190), 2),
        "no map" | "fetch_add" | "padded array" | EVEN => (RGBColor(150, 150, 150), 2),
        _ => {
            let hash = name.bytes().fold(7u32, |hash, byte| hash * 31 % 997 + u32::from(byte));
            (RGBColor((hash % 160) as u8, (hash / 3 % 160) as u8, (hash / 7 % 200) as u8), 2)
        }
    }
}

pub fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&INK)
}

impl Figure {
    pub fn write(&self, file: &Path) -> Result<(), Box<dyn Error>> {
        let rows = self.panels.len().div_ceil(self.columns);
        let (width, height) = self.panel_size;
        let (width, height) = (width * self.columns as u32, height * rows as u32);
        let legend = self.legend(width as i32);
        let size = (width, height + TITLE + LEGEND * legend.len() as u32 + 6);
        let root = SVGBackend::new(file, size).into_drawing_area();
        root.fill(&WHITE)?;
        let centre = Pos::new(HPos::Center, VPos::Center);
        let title = text(17).pos(centre);
        root.draw(&Text::new(&*self.title, (size.0 as i32 / 2, TITLE as i32 / 2 + 2), title))?;
        let (_, below) = root.split_vertically(TITLE);
        let (panels, below) = below.split_vertically(height);
        let ticks = self.panels.iter().flat_map(|panel| &panel.y.ticks);
        let longest = ticks.map(|(_, label)| label.chars().count()).max().unwrap_or(0);
        for (panel, area) in self.panels.iter().zip(panels.split_evenly((rows, self.columns))) {
            panel.draw(&area, longest)?;
        }
        for (row, names) in legend.iter().enumerate() {
            draw_names(&below, names, LEGEND as i32 * row as i32 + 12)?;
        }
        root.present()?;
        Ok(())
    }

    /// Each map once, in rows that are not wider than this.
    fn legend(&self, width: i32) -> Vec<Vec<&str>> {
        let mut names: Vec<&str> = Vec::new();
        for line in self.panels.iter().flat_map(|panel| &panel.lines) {
            if line.name != EVEN && !names.contains(&&*line.name) {
                names.push(&line.name);
            }
        }
        let mut rows: Vec<Vec<&str>> = vec![Vec::new()];
        for name in names {
            let row = rows.last_mut().expect("there is one");
            let taken: i32 = row.iter().map(|name| name_width(name)).sum();
            if !row.is_empty() && taken + name_width(name) > width {
                rows.push(vec![name]);
            } else {
                row.push(name);
            }
        }
        rows
    }
}

/// What a name takes in a legend.
fn name_width(name: &str) -> i32 {
    44 + 8 * name.len() as i32
}

fn draw_names(
    area: &DrawingArea<SVGBackend, Shift>,
    names: &[&str],
    y: i32,
) -> Result<(), Box<dyn Error>> {
    let all: i32 = names.iter().map(|name| name_width(name)).sum();
    let mut x = (area.dim_in_pixel().0 as i32 - all) / 2;
    for name in names {
        let (colour, stroke) = style(name);
        let line = ShapeStyle::from(colour).stroke_width(stroke);
        area.draw(&PathElement::new(vec![(x, y), (x + 22, y)], line))?;
        let left = text(13).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(name.to_string(), (x + 27, y), left))?;
        x += name_width(name);
    }
    Ok(())
}

impl Panel {
    /// Leaves room for the longest label of any panel, so that all are of one width.
    fn draw(
        &self,
        area: &DrawingArea<SVGBackend, Shift>,
        longest: usize,
    ) -> Result<(), Box<dyn Error>> {
        let mut builder = ChartBuilder::on(area);
        builder.margin(8).x_label_area_size(44).y_label_area_size(30 + 7 * longest as u32);
        if !self.title.is_empty() {
            builder.caption(&self.title, text(14));
        }
        let mut chart = builder.build_cartesian_2d(self.x.clone(), self.y.clone())?;
        if self.rows {
            let ((left, right), most) = (self.x.ends(), self.y.ends().1);
            let band = |row: usize| {
                let y = 2.0 * row as f64;
                Rectangle::new([(left, y), (right, y + 1.0)], BAND.filled())
            };
            chart.draw_series((0..(most / 2.0).ceil() as usize).map(band))?;
        }
        let mut mesh = chart.configure_mesh();
        if self.rows {
            mesh.disable_y_mesh();
        }
        mesh.bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .label_style(text(12))
            .axis_desc_style(text(13))
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .draw()?;
        // The first map last: it lies above the others.
        for line in self.lines.iter().rev() {
            let (colour, stroke) = style(&line.name);
            if line.drawn != Drawn::Line {
                let radius = if line.drawn == Drawn::Dots { 2 } else { stroke + 1 };
                let mark = |at: &(f64, f64)| Circle::new(*at, radius, colour.filled());
                chart.draw_series(line.points.iter().map(mark))?;
            }
            if line.drawn != Drawn::Dots {
                let points = line.points.iter().copied();
                chart.draw_series(LineSeries::new(points, colour.stroke_width(stroke)))?;
            }
        }
        Ok(())
    }
}
