//! Makes the weights of the linear models from the labelled examples of the repository.
//!
//! `cargo run --release --example train`, then review the difference like code.

mod examples;
mod learn;
mod read;

fn main() {
    let examples = examples::all();
    let write = |name: &str, text: String| {
        let file = format!("src/mail/understand/{name}.weights");
        std::fs::write(&file, &text).unwrap_or_else(|error| panic!("{file}: {error}"));
        println!("{file}: {} features, {} bytes", text.lines().count() - 2, text.len());
    };
    write("intent", learn::intents(examples.iter()));
    write("category", learn::categories(examples.iter()));
}
