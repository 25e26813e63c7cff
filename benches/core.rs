//! What the core alone takes, without Python: `cargo bench --no-default-features --bench core`.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput};
use tailrace::core::attribute_value::read_item;
use tailrace::core::diff::{Rules, Sides, changes};
use tailrace::core::error::Error;
use tailrace::core::event::{Event, read_event};
use tailrace::core::item_key::item_key;
use tailrace::core::json_node::{Buffers, ByteRange, JsonNode};
use tailrace::core::value::{Value, ValueBuilder};

const RECORDS: usize = 1000;
const SIDES: Sides = Sides { old: "OldImage", new: "NewImage" };
const KEYS: &str = r#"{"pk":{"S":"USER#5f0c2a9e-8a51-4c3e-9d0b-6a4be2c1f7d3"},"sk":{"N":"1700000000123"}}"#;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    index(&mut criterion);
    value(&mut criterion);
    key(&mut criterion);
    changed(&mut criterion);
    criterion.final_summary();
}

fn index(criterion: &mut Criterion) {
    let event = event(RECORDS);
    assert_eq!(records(event.as_bytes()).ok(), Some(RECORDS));
    let mut group = criterion.benchmark_group("index");
    group.throughput(Throughput::Bytes(event.len() as u64));
    group.bench_function("event of 1,000 records", |b| b.iter(|| records(black_box(event.as_bytes()))));
    group.finish();
}

fn value(criterion: &mut Criterion) {
    let image = image(7, "ACTIVE", 3);
    assert!(built(image.as_bytes()).is_ok_and(|value| matches!(value, Value::Map(members) if members.len() == 12)));
    let mut group = criterion.benchmark_group("value");
    group.throughput(Throughput::Bytes(image.len() as u64));
    group.bench_function("image of 12 attributes", |b| b.iter(|| built(black_box(image.as_bytes()))));
    group.finish();
}

fn key(criterion: &mut Criterion) {
    let of = |text: &str| item_key(&mut JsonNode::new(text.as_bytes()));
    let spelled_otherwise = KEYS.replace("1700000000123", "1.700000000123E12");
    assert!(of(KEYS).is_ok_and(|key| of(&spelled_otherwise).is_ok_and(|other| key == other)));
    criterion.bench_function("item_key/S and N", |b| b.iter(|| of(black_box(KEYS))));
}

fn changed(criterion: &mut Criterion) {
    let (old, new) = (image(7, "ACTIVE", 3), image(7, "SUSPENDED", 4));
    let wire = [old.as_str(), new.as_str()].concat();
    let (before, after) = (ByteRange::new(0, old.len()), ByteRange::new(old.len(), wire.len()));
    let found = |wire: &[u8]| {
        changes(&Buffers { wire, decoded: b"" }, before.as_ref(), after.as_ref(), &Rules::default(), SIDES)
    };
    assert!(found(wire.as_bytes()).is_ok_and(|changes| changes.len() == 2));
    let mut group = criterion.benchmark_group("diff");
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("2 of 12 attributes", |b| b.iter(|| found(black_box(wire.as_bytes()))));
    group.finish();
}

fn records(event: &[u8]) -> Result<usize, Error> {
    let mut node = JsonNode::new(event);
    let found = read_event(&mut node)?;
    node.end()?;
    Ok(match black_box(found) {
        Event::Records(_, records) => records.len(),
        Event::Payload(_) => 0,
    })
}

fn built(image: &[u8]) -> Result<Value, Error> {
    read_item(&mut JsonNode::new(image), &mut ValueBuilder)
}

/// A Lambda event of MODIFY records: 1.2 KB each, as a table of users gives them.
fn event(records: usize) -> String {
    let mut event = String::from(r#"{"Records":["#);
    for at in 0..records {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            event,
            concat!(
                r#"{comma}{{"eventID":"{at:032x}","eventName":"MODIFY","eventVersion":"1.1","#,
                r#""eventSource":"aws:dynamodb","awsRegion":"eu-west-1","dynamodb":{{"#,
                r#""ApproximateCreationDateTime":1700000000,"Keys":{{"pk":{{"S":"USER#{at:08}"}}}},"#,
                r#""NewImage":{new},"OldImage":{old},"SequenceNumber":"{number:021}","SizeBytes":1024,"#,
                r#""StreamViewType":"NEW_AND_OLD_IMAGES"}},"eventSourceARN":"arn:aws:dynamodb:eu-west-1:"#,
                r#"123456789012:table/T/stream/2024-01-01T00:00:00.000"}}"#,
            ),
            comma = comma,
            at = at,
            new = image(at, "SUSPENDED", at + 1),
            old = image(at, "ACTIVE", at),
            number = 100_000_000_000_u64 + at as u64,
        );
    }
    event.push_str("]}");
    event
}

fn image(user: usize, status: &str, logins: usize) -> String {
    format!(
        concat!(
            r#"{{"pk":{{"S":"USER#{user:08}"}},"email":{{"S":"grace.hopper{user}@example.com"}},"#,
            r#""name":{{"S":"Grace Müller"}},"status":{{"S":"{status}"}},"#,
            r#""created_at":{{"S":"2024-05-17T09:31:07.123Z"}},"updated_at":{{"N":"1700000000123"}},"#,
            r#""age":{{"N":"42"}},"login_count":{{"N":"{logins}"}},"balance":{{"N":"1234.56"}},"#,
            r#""is_active":{{"BOOL":true}},"email_verified":{{"BOOL":false}},"deleted_at":{{"NULL":true}}}}"#,
        ),
        user = user,
        status = status,
        logins = logins,
    )
}
