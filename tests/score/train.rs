//! Makes the weights of the linear models from the labelled examples of the repository.
//!
//! `cargo run --release --example train`, then review the difference like code.

mod learn;
mod read;

use learn::Example;

fn main() {
    let examples = all_examples();
    let write = |name: &str, model: complaintd::mail::understand::model::Linear| {
        let file = format!("src/mail/understand/{name}.weights");
        let text = model
            .print("Made by `cargo run --release --example train`: what each feature adds to each class.");
        std::fs::write(&file, text).unwrap_or_else(|error| panic!("{file}: {error}"));
        println!("{file}: {} features", model.weights.len());
    };
    write("intent", learn::intents(examples.iter()));
    write("category", learn::categories(examples.iter()));
}

fn all_examples() -> Vec<Example> {
    let mut examples: Vec<Example> =
        read::corpus("tests/data/corpus").iter().filter(|mail| mail.is_human()).map(learn::of_mail).collect();
    examples.extend(read::corpus("tests/data/words").iter().map(learn::of_mail));
    examples.extend(learn::of_phrases("tests/data/phrases.jsonl"));
    examples.extend(learn::of_table("tests/data/words/examples.tsv"));
    examples
}
