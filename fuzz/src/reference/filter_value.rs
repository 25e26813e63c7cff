//! What one value of an event must be for a condition of a filter to hold.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::number::parse_any_size;
use super::tree::Json;

/// Whether a condition asks for a value; `{"exists": false}` asks that there be none.
pub fn is_there(condition: &Json) -> bool {
    !matches!(condition, Json::Object(members) if members[0] == ("exists".to_owned(), Json::Boolean(false)))
}

/// Whether a value passes.
pub fn is_passed(condition: &Json, value: &Json) -> bool {
    match (condition, value) {
        (Json::Object(members), _) => operator(&members[0].0, &members[0].1, value),
        (Json::String(wanted), Json::String(found)) => match address(wanted) {
            Some(wanted) => address(found) == Some(wanted),
            None => wanted == found,
        },
        (wanted, found) => is_equal(wanted, found),
    }
}

fn is_equal(wanted: &Json, found: &Json) -> bool {
    match (wanted, found) {
        (Json::Number(one), Json::Number(other)) => {
            one == other || compare(one, other).is_some_and(std::cmp::Ordering::is_eq)
        }
        _ => wanted == found,
    }
}

/// The order of two numbers; None for those that are no numbers.
fn compare(one: &str, other: &str) -> Option<Ordering> {
    let number = |text: &str| parse_any_size(text.as_bytes());
    Some(number(one)?.compare(&number(other)?))
}

fn operator(word: &str, operand: &Json, value: &Json) -> bool {
    match word {
        "exists" => *operand == Json::Boolean(true),
        "numeric" => numeric(list(operand), value),
        "anything-but" => match operand {
            Json::Object(members) => !list(&members[0].1).iter().any(|each| operator(&members[0].0, each, value)),
            _ => !list(operand).iter().any(|each| is_equal(each, value)),
        },
        _ => matches!(value, Json::String(text) if is_text(word, operand, text)),
    }
}

/// A list, or the one thing that stands for a list of it.
fn list(operand: &Json) -> &[Json] {
    if let Json::Array(elements) = operand { elements } else { std::slice::from_ref(operand) }
}

fn numeric(terms: &[Json], value: &Json) -> bool {
    let Json::Number(value) = value else { return false };
    terms.chunks(2).all(|term| {
        let [Json::String(word), Json::Number(bound)] = term else { panic!("numeric that was taken has pairs") };
        compare(value, bound).is_some_and(|order| match word.as_str() {
            "=" => order.is_eq(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            _ => order.is_ge(),
        })
    })
}

/// Letter case is ASCII's: no other letters are asked for here.
fn is_text(word: &str, operand: &Json, text: &str) -> bool {
    if let Json::Object(members) = operand {
        let Json::String(wanted) = &members[0].1 else { panic!("a text is asked for") };
        return is_affix(word, &wanted.to_ascii_lowercase(), &text.to_ascii_lowercase());
    }
    let Json::String(wanted) = operand else { panic!("a text is asked for") };
    match word {
        "exactly" => wanted == text,
        "equals-ignore-case" => wanted.eq_ignore_ascii_case(text),
        "wildcard" => wildcard(&pieces(wanted), text),
        "cidr" => cidr(wanted, text),
        _ => is_affix(word, wanted, text),
    }
}

fn is_affix(word: &str, wanted: &str, text: &str) -> bool {
    if word == "prefix" { text.starts_with(wanted) } else { text.ends_with(wanted) }
}

/// A character, or None for a star.
fn pieces(wanted: &str) -> Vec<Option<char>> {
    let (mut pieces, mut characters) = (Vec::new(), wanted.chars());
    while let Some(character) = characters.next() {
        pieces.push(match character {
            '*' => None,
            '\\' => characters.next(),
            _ => Some(character),
        });
    }
    pieces
}

/// For each end of the text whether the pieces so far lead to it.
fn wildcard(pieces: &[Option<char>], text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let mut ends = vec![false; characters.len() + 1];
    ends[0] = true;
    for piece in pieces {
        let before = ends.clone();
        for (at, end) in ends.iter_mut().enumerate() {
            *end = match piece {
                None => before[..=at].contains(&true),
                Some(wanted) => at > 0 && before[at - 1] && characters[at - 1] == *wanted,
            };
        }
    }
    ends[characters.len()]
}

fn cidr(wanted: &str, text: &str) -> bool {
    let (start, bits) = wanted.trim_end_matches('/').split_once('/').expect("a network has a slash");
    let bits: u32 = bits.parse().expect("a network has bits");
    match (address(start).expect("a network has an address"), address(text)) {
        (IpAddr::V4(one), Some(IpAddr::V4(other))) => (u32::from(one) ^ u32::from(other)).leading_zeros() >= bits,
        (IpAddr::V6(one), Some(IpAddr::V6(other))) => (u128::from(one) ^ u128::from(other)).leading_zeros() >= bits,
        _ => false,
    }
}

/// The address that a text looks like and is; zeros may lead.
fn address(text: &str) -> Option<IpAddr> {
    let short = |part: &str| match part.trim_start_matches('0') {
        "" if part.is_empty() => String::new(),
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    };
    let only = |others: &str, is_digit: fn(&char) -> bool| text.chars().all(|c| others.contains(c) || is_digit(&c));
    if text.contains(':') && only(":", char::is_ascii_hexdigit) {
        let groups: Vec<String> = text.split(':').map(short).collect();
        let address: Ipv6Addr = groups.join(":").parse().ok()?;
        return Some(address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4));
    }
    if text.len() > 15 || !only(".", char::is_ascii_digit) {
        return None;
    }
    let parts: Vec<String> = text.split('.').map(short).collect();
    parts.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::super::filter::matches;
    use super::super::tree::json;

    #[test]
    fn conditions_hold() {
        for (condition, value, wanted) in [
            (r#""10.0.0.1""#, r#""10.0.0.01""#, true),
            (r#""::1""#, r#""0:0::0001""#, true),
            ("300", "3.0e2", true),
            (r#"{"prefix":{"equals-ignore-case":"X"}}"#, r#""xy""#, true),
            (r#"{"suffix":"y"}"#, r#""xy""#, true),
            (r#"{"anything-but":["x"]}"#, "1", true),
            (r#"{"anything-but":{"wildcard":["x*"]}}"#, r#""xy""#, false),
            (r#"{"numeric":[">",1,"<=",5]}"#, "5.0", true),
            (r#"{"wildcard":"a\\*b*"}"#, r#""a*bc""#, true),
            (r#"{"wildcard":"*ab*ab"}"#, r#""xab""#, false),
            (r#"{"cidr":"10.0.0.7/24"}"#, r#""10.0.0.200""#, true),
            (r#"{"exists":true}"#, "null", true),
            ("null", r#""""#, false),
        ] {
            let pattern = json(format!(r#"{{"a":[{condition}]}}"#).as_bytes()).unwrap();
            let event = json(format!(r#"{{"a":{value}}}"#).as_bytes()).unwrap();
            assert_eq!(matches(&pattern, &event), Some(wanted), "{condition} {value}");
        }
    }

    #[test]
    fn elements_go_together() {
        let pattern = json(br#"{"x":{"b":[1],"a":[{"exists":false}]},"$or":[{"c":[1]},{"d":[1]}]}"#).unwrap();
        let event = |text: &str| json(text.as_bytes()).unwrap();
        assert_eq!(matches(&pattern, &event(r#"{"x":[{"b":1},{"a":1}],"d":1}"#)), Some(false));
        assert_eq!(matches(&pattern, &event(r#"{"x":[{"b":1}],"d":1}"#)), Some(true));
        assert_eq!(matches(&pattern, &event(r#"{"x":[{"b":1}]}"#)), Some(false));
    }
}
