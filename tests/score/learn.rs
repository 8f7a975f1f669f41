//! Learns the linear models: softmax regression, its minimum found by L-BFGS, the same on every run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use complaintd::core::facts::{Category, Intent};
use complaintd::mail::origin::note;
use complaintd::mail::understand::model::softmax;

use crate::examples::{Example, Features};
use crate::notes::Text;

/// How strongly weights are pulled towards zero.
const PULL: f64 = 1.0;
/// A feature that fewer examples have cannot be told from chance.
const SEEN_WORDS: usize = 3;
const SEEN_CONCEPTS: usize = 2;
/// How much more a note counts than a text of a person.
const NOTE_WEIGHT: f64 = 3.0;
/// A feature whose largest weight is smaller, in hundredths, is left out of the file.
const SMALLEST: i16 = 4;

const ABOUT: &str =
    "# Made by `cargo run --release --example train`: what each feature adds to each class, in hundredths.\n";

/// The weights file of the intent, learned from these examples.
pub fn intents<'a>(examples: impl Iterator<Item = &'a Example>) -> String {
    let classes = Intent::ALL.iter().map(|each| each.word()).collect();
    train(classes, examples.filter_map(|each| Some((&each.features, each.intent?, each.weight))).collect())
}

/// The weights file of the category: a question about fees is no grievance about them.
pub fn categories<'a>(examples: impl Iterator<Item = &'a Example>) -> String {
    let classes = Category::ALL.iter().map(|each| each.word()).collect();
    let grieves =
        |each: &&Example| each.intent.is_none_or(|intent| matches!(intent, "complaint" | "reexamination"));
    let graded = examples.filter(grieves);
    train(classes, graded.filter_map(|each| Some((&each.topics, each.category?, each.weight))).collect())
}

/// The weights file of the notes. There are fewer of them than texts of persons, and to miss one is as bad as
/// to doubt a person.
pub fn notes<'a>(texts: impl Iterator<Item = &'a Text>) -> String {
    let texts: Vec<&Text> = texts.collect();
    let weight = |text: &Text| if text.is_note { NOTE_WEIGHT } else { 1.0 };
    let class = |text: &Text| note::CLASSES[usize::from(!text.is_note)];
    let rows = texts.iter().map(|text| (&text.features, class(text), weight(text)));
    train(note::CLASSES.to_vec(), rows.collect())
}

fn train(classes: Vec<&'static str>, examples: Vec<(&Features, &str, f64)>) -> String {
    let names = kept(&examples);
    let index: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (*name, i)).collect();
    let rows: Vec<Row> = examples
        .iter()
        .map(|(features, class, weight)| Row {
            features: features
                .iter()
                .filter_map(|(name, value)| Some((*index.get(name.as_str())?, f64::from(*value))))
                .collect(),
            class: classes.iter().position(|each| each == class).expect("a known class"),
            weight: *weight,
        })
        .collect();
    let problem = Problem { rows, classes: classes.len() };
    let weights = minimum(&problem, names.len() * classes.len());
    print(&classes, &names, &weights)
}

fn kept<'a>(examples: &[(&'a Features, &str, f64)]) -> Vec<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in examples.iter().flat_map(|(features, _, _)| features.iter()) {
        *counts.entry(name).or_default() += 1;
    }
    let needed = |name: &str| {
        if name.starts_with("w:") || name.starts_with("g:") { SEEN_WORDS } else { SEEN_CONCEPTS }
    };
    counts.into_iter().filter(|(name, count)| *count >= needed(name)).map(|(name, _)| name).collect()
}

struct Row {
    features: Vec<(usize, f64)>,
    class: usize,
    weight: f64,
}

struct Problem {
    rows: Vec<Row>,
    classes: usize,
}

impl Problem {
    /// How badly the weights fit, and in which direction that grows.
    fn loss(&self, weights: &[f64], slope: &mut [f64]) -> f64 {
        let mut loss = 0.0;
        for (s, w) in slope.iter_mut().zip(weights) {
            *s = PULL * w;
            loss += PULL * w * w / 2.0;
        }
        let k = self.classes;
        for row in &self.rows {
            let mut sums = vec![0.0; k];
            for (feature, value) in &row.features {
                for (sum, w) in sums.iter_mut().zip(&weights[feature * k..feature * k + k]) {
                    *sum += w * value;
                }
            }
            let mut errors = softmax(&sums);
            loss -= row.weight * errors[row.class].max(1e-300).ln();
            errors[row.class] -= 1.0;
            for (feature, value) in &row.features {
                for (s, error) in slope[feature * k..feature * k + k].iter_mut().zip(&errors) {
                    *s += error * value * row.weight;
                }
            }
        }
        loss
    }
}

const STEPS: usize = 120;
const REMEMBERED: usize = 8;
/// A step that gains less, of the whole, is the last.
const ENOUGH: f64 = 1e-5;

/// L-BFGS with halved steps (Nocedal & Wright, algorithms 7.4 and 3.1).
fn minimum(problem: &Problem, length: usize) -> Vec<f64> {
    let mut at = vec![0.0; length];
    let mut slope = vec![0.0; length];
    let mut loss = problem.loss(&at, &mut slope);
    let mut memory: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    for _ in 0..STEPS {
        let direction = downhill(&slope, &memory);
        let steep = dot(&direction, &slope);
        let mut step = if memory.is_empty() { 1.0 / dot(&slope, &slope).sqrt().max(1e-12) } else { 1.0 };
        let mut new_slope = vec![0.0; length];
        let (new_at, new_loss) = loop {
            let there: Vec<f64> = at.iter().zip(&direction).map(|(a, d)| a + step * d).collect();
            let loss_there = problem.loss(&there, &mut new_slope);
            if loss_there <= loss + 1e-4 * step * steep || step < 1e-10 {
                break (there, loss_there);
            }
            step /= 2.0;
        };
        let moved: Vec<f64> = new_at.iter().zip(&at).map(|(new, old)| new - old).collect();
        let bent: Vec<f64> = new_slope.iter().zip(&slope).map(|(new, old)| new - old).collect();
        let curve = dot(&moved, &bent);
        if curve > 1e-12 {
            memory.push((moved, bent, 1.0 / curve));
            memory.drain(..memory.len().saturating_sub(REMEMBERED));
        }
        let gain = loss - new_loss;
        (at, slope, loss) = (new_at, new_slope, new_loss);
        if gain < ENOUGH * loss {
            break;
        }
    }
    at
}

fn downhill(slope: &[f64], memory: &[(Vec<f64>, Vec<f64>, f64)]) -> Vec<f64> {
    let mut q: Vec<f64> = slope.to_vec();
    let mut shares = Vec::with_capacity(memory.len());
    for (moved, bent, rho) in memory.iter().rev() {
        let share = rho * dot(moved, &q);
        add(&mut q, bent, -share);
        shares.push(share);
    }
    if let Some((moved, bent, _)) = memory.last() {
        let scale = dot(moved, bent) / dot(bent, bent);
        for each in &mut q {
            *each *= scale;
        }
    }
    for ((moved, bent, rho), share) in memory.iter().zip(shares.into_iter().rev()) {
        let back = rho * dot(bent, &q);
        add(&mut q, moved, share - back);
    }
    for each in &mut q {
        *each = -*each;
    }
    q
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], what: &[f64], times: f64) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += what * times;
    }
}

/// The weights file, its features in alphabetical order.
fn print(classes: &[&str], names: &[&str], weights: &[f64]) -> String {
    let mut text = format!("{ABOUT}feature\t{}\n", classes.join("\t"));
    for (name, row) in names.iter().zip(weights.chunks(classes.len())) {
        let row: Vec<i16> = row.iter().map(|weight| hundredths(*weight)).collect();
        if row.iter().any(|weight| weight.abs() >= SMALLEST) {
            text.push_str(name);
            for weight in row {
                let _ = write!(text, "\t{weight}");
            }
            text.push('\n');
        }
    }
    text
}

#[expect(clippy::cast_possible_truncation, reason = "a weight is a small number")]
fn hundredths(weight: f64) -> i16 {
    (weight * 100.0).round() as i16
}
