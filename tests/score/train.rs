//! Makes the weights of the linear models from the labelled examples of the repository.
//!
//! `cargo run --release --example train`, then review the difference like code.

mod examples;
mod learn;
mod notes;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use examples::Example;
use notes::Text;

fn main() {
    let examples = examples::all();
    tell(&examples);
    let write = |name: &str, text: String| {
        let file = format!("src/mail/{name}.weights");
        std::fs::write(&file, &text).unwrap_or_else(|error| panic!("{file}: {error}"));
        println!("{file}: {} features, {} bytes", text.lines().count() - 2, text.len());
    };
    write("understand/intent", learn::intents(examples.iter()));
    write("understand/category", learn::categories(examples.iter()));
    let texts = notes::all();
    tell_of_notes(&texts);
    write("origin/note", learn::notes(texts.iter()));
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

/// The same of what is or is not a note.
fn tell_of_notes(texts: &[Text]) {
    let mut labels: BTreeMap<Vec<&str>, &Text> = BTreeMap::new();
    for each in texts {
        let said = each.features.iter().map(|(name, _)| name.as_str()).collect();
        if let Some(other) = labels.insert(said, each).filter(|other| other.is_note != each.is_note) {
            println!("{} and {} say the same, and one is a note", other.place, each.place);
        }
    }
    let count = |is: &dyn Fn(&&Text) -> bool| texts.iter().filter(is).count();
    let (notes, asked) = (count(&|text| text.is_note), count(&|text| text.is_asked));
    let sources: BTreeSet<&str> = texts.iter().map(|text| &*text.source).collect();
    let all = texts.len();
    println!(
        "notes: {notes} of {all} texts in {} sources; {asked} are answers without a mark",
        sources.len()
    );
}
