//! Makes the weights of the linear models from the labelled examples of the repository.
//!
//! `cargo run --release --example train`, then review the difference like code.

mod examples;
mod learn;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use examples::Example;

fn main() {
    let examples = examples::all();
    tell(&examples);
    let write = |name: &str, text: String| {
        let file = format!("src/mail/understand/{name}.weights");
        std::fs::write(&file, &text).unwrap_or_else(|error| panic!("{file}: {error}"));
        println!("{file}: {} features, {} bytes", text.lines().count() - 2, text.len());
    };
    write("intent", learn::intents(examples.iter()));
    write("category", learn::categories(examples.iter()));
}

/// How much there is, and what says the same under two labels.
fn tell(examples: &[Example]) {
    let mut sources: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    let mut labels: BTreeMap<String, &Example> = BTreeMap::new();
    for each in examples {
        let source = sources.entry(each.source).or_default();
        source.0 += 1;
        source.1.insert(&each.group);
        let signs = &each.signs;
        let said = format!("{} {:?} {}", signs.folded, signs.quoted_says, signs.attached);
        if let Some(other) = labels.insert(said, each).filter(|other| other.intent != each.intent) {
            println!("{} and {} say the same and are labelled differently", other.place, each.place);
        }
    }
    for (source, (count, groups)) in sources {
        println!("{source}: {count} examples in {} groups", groups.len());
    }
}
