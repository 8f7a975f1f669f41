//! Makes the weights of the linear models from the labelled examples of the repository.
//!
//! `cargo run --release --example train`, then review the difference like code.

mod learn;
mod read;

use complaintd::core::facts::Origin;
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
    let mut examples = Vec::new();
    for folder in ["tests/data/corpus", "tests/data/words"] {
        for mail in read::corpus(folder).iter().filter(|mail| mail.origin() == Origin::Human) {
            let example = learn::of_mail(mail);
            assert!(
                example.intent.is_some(),
                "{} of {folder} is labelled human and has no intent",
                mail.file()
            );
            examples.push(example);
        }
    }
    examples.extend(learn::of_phrases("tests/data/phrases.jsonl"));
    examples.extend(learn::of_table("tests/data/words/examples.tsv"));
    examples
}
