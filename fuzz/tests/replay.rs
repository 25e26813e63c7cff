//! The corpus, replayed. A seed says in its name what becomes of it: `good-` is read, `bad-` is refused, and `found-`
//! is what fuzzing has found.

use std::path::{Path, PathBuf};

use tailrace_fuzz::{Outcome, diff, event, item, matches, number, pattern};

type Check = fn(&[u8]) -> Outcome;
const TARGETS: [(&str, Check); 6] = [
    ("diff", diff::check),
    ("item", item::check),
    ("event", event::check),
    ("number", number::check),
    ("pattern", pattern::check),
    ("matches", matches::check),
];

/// A seed longer than this is not cut at every byte: `make test` is quick.
const CUT_BYTES: usize = 1_000;

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

#[test]
fn a_seed_becomes_what_its_name_says() {
    for (target, check) in TARGETS {
        for (name, data) in seeds(target) {
            println!("{target}/{name}");
            let outcome = check(&data);
            let wanted = match name.split('-').next() {
                Some("good") => Outcome::Read,
                Some("bad") => Outcome::Refused,
                Some("found") => outcome,
                _ => panic!("a seed is good-, bad- or found-"),
            };
            assert_eq!(outcome, wanted, "{target}/{name}");
        }
    }
}

#[test]
fn every_target_has_seeds_of_both_kinds() {
    for (target, _) in TARGETS {
        for kind in ["good-", "bad-"] {
            let count = seeds(target).iter().filter(|(name, _)| name.starts_with(kind)).count();
            assert!(count >= 5, "{target}: {count} {kind}");
        }
    }
}

#[test]
fn a_seed_that_is_cut_off_is_no_surprise() {
    for (target, check) in TARGETS {
        for (name, data) in seeds(target).iter().filter(|(_, data)| data.len() <= CUT_BYTES) {
            println!("{target}/{name}");
            for end in 0..data.len() {
                check(&data[..end]);
            }
        }
    }
}

#[test]
fn a_spoilt_byte_is_no_surprise() {
    for (target, check) in TARGETS {
        for (name, data) in seeds(target).iter().filter(|(_, data)| data.len() <= CUT_BYTES) {
            println!("{target}/{name}");
            for at in 0..data.len() {
                for other in [b'"', b'\\', b'{', b']', b',', b' ', b'0', 0x0c, 0xff, data[at] ^ 0x20] {
                    let mut spoilt = data.clone();
                    spoilt[at] = other;
                    check(&spoilt);
                }
            }
        }
    }
}
