//! A linear model over named features.
//!
//! Weights are text files in this folder, made by `cargo run --release --example train` from the
//! labelled examples of the repository and reviewed like code: a line a feature, with what it adds
//! to each class, in hundredths. The same mail gives the same figures on every machine.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::features::Heard;

/// Weights of one decision.
#[derive(Debug)]
pub struct Linear {
    pub classes: Vec<String>,
    /// Where the weights of a feature begin, by its hash: a file of some ten thousand lines is read
    /// without an allocation for each.
    rows: HashMap<u64, usize, BuildHasherDefault<Fnv>>,
    weights: Vec<f32>,
}

impl Linear {
    /// Reads a weights file: the classes on the first line, then `feature TAB hundredths …`.
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let classes: Vec<String> =
            lines.next().unwrap_or("").split('\t').skip(1).map(str::to_owned).collect();
        let mut model = Self { rows: HashMap::default(), weights: Vec::new(), classes };
        for (feature, row) in lines.filter_map(|line| line.split_once('\t')) {
            let begins = model.weights.len();
            model
                .weights
                .extend(row.split('\t').map(|each| f32::from(each.parse::<i16>().unwrap_or(0)) / 100.0));
            if model.weights.len() == begins + model.classes.len() {
                model.rows.insert(Fnv::of(feature), begins);
            } else {
                model.weights.truncate(begins);
            }
        }
        model
    }

    /// Probability of each class, in the order of `classes`.
    pub fn probabilities(&self, heard: &[&Heard]) -> Vec<f64> {
        let mut sums = vec![0.0_f64; self.classes.len()];
        for (hash, value) in heard.iter().flat_map(|each| each.all()) {
            for (sum, weight) in sums.iter_mut().zip(self.row(*hash)) {
                *sum += f64::from(*weight) * f64::from(*value);
            }
        }
        softmax(&sums)
    }

    /// What spoke for one class against another, by what a person sees of it, the strongest first.
    pub fn reasons<'h>(&self, heard: &[&'h Heard], class: &str, against: &str) -> Vec<(&'h str, f64)> {
        let place = |name: &str| self.classes.iter().position(|class| class == name);
        let (Some(class), Some(against)) = (place(class), place(against)) else { return Vec::new() };
        let mut sums: HashMap<&str, f64, BuildHasherDefault<Fnv>> = HashMap::default();
        for (from, features) in heard.iter().flat_map(|each| each.by_word()) {
            let gains = features.iter().filter_map(|(hash, value)| {
                let row = self.row(*hash);
                Some(f64::from((row.get(class)? - row.get(against)?) * value))
            });
            let gain: f64 = gains.sum();
            if gain != 0.0 {
                *sums.entry(from).or_default() += gain;
            }
        }
        let mut reasons: Vec<(&str, f64)> = sums.into_iter().filter(|(_, sum)| *sum > 0.0).collect();
        reasons.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        reasons
    }

    fn row(&self, feature: u64) -> &[f32] {
        match self.rows.get(&feature) {
            Some(begins) => &self.weights[*begins..*begins + self.classes.len()],
            None => &[],
        }
    }
}

pub fn softmax(sums: &[f64]) -> Vec<f64> {
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let total: f64 = powers.iter().sum();
    powers.iter().map(|power| power / total).collect()
}

/// FNV-1a: short names, looked up often; nobody from outside chooses what is stored.
#[derive(Clone, Debug, Default)]
pub struct Fnv(u64);

impl Fnv {
    pub fn of(text: &str) -> u64 {
        let mut hasher = Self::default();
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    /// What is stored under a number is stored under a hash of this kind already.
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        let start = if self.0 == 0 { 0xcbf2_9ce4_8422_2325 } else { self.0 };
        self.0 =
            bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}
