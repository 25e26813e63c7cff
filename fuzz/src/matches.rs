//! Filters and events: the same answer on every road, and the answer of the plain matcher.

use tailrace::core::error::Error;
use tailrace::core::filter::{Dialect, Filters, Matcher, Named, Scanned, explain};
use tailrace::core::json_node::{Buffers, ByteRange, JsonNode};
use tailrace::core::record::{Fields, read_record};

use crate::pattern::{DIALECTS, compile};
use crate::reference::filter::matches;
use crate::reference::tree::{Json, json};
use crate::{Outcome, check_error};

/// Levels below the deepest that is read: roads count them from other places.
const ROOM: u32 = 8;

/// Checks a line that may be a pattern, and what follows that may be an event.
pub fn check(data: &[u8]) -> Outcome {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let event = data.get(end + 1..).unwrap_or_default();
    let Ok(pattern) = std::str::from_utf8(&data[..end]) else { return Outcome::Refused };
    let mut outcome = Outcome::Refused;
    for dialect in DIALECTS {
        if let Ok(filters) = compile(pattern, dialect)
            && (Asked { filters: &filters, event }).check()
        {
            outcome = Outcome::Read;
        }
    }
    outcome
}

struct Asked<'a> {
    filters: &'a Filters,
    event: &'a [u8],
}

impl Asked<'_> {
    /// Whether the event was one, of which all roads told the same.
    fn check(&self) -> bool {
        self.check_record();
        let found = [self.single(), self.named(), self.record(), self.explained()];
        let tree = match json(self.event) {
            Ok(tree @ Json::Object(_)) if tree.is_within(ROOM) => tree,
            _ => {
                found
                    .iter()
                    .filter_map(|answer| answer.as_ref()?.as_ref().err())
                    .for_each(|error| self.check_error(error));
                return false;
            }
        };
        if self.filters.compares {
            // A record that lacks an image is an error only to those that come to look.
            return same(&found.into_iter().flatten().filter_map(Result::ok).collect::<Vec<_>>(), self.filters)
                .is_some();
        }
        // Of a record's parts that stand twice the last counts, and a record may be none.
        let once = !has_name_twice(&tree);
        let answers = found.into_iter().enumerate().filter(|(road, _)| *road != RECORD || once);
        let answers: Vec<bool> =
            answers.filter_map(|(_, answer)| answer).map(|answer| answer.expect("JSON can be read")).collect();
        let answer = same(&answers, self.filters).expect("an event can be read");
        if let Some(wanted) = self.plain(&tree) {
            assert_eq!(answer, wanted, "unlike the plain matcher: {self:?}");
        }
        true
    }

    fn check_error(&self, error: &Error) {
        check_error(error, self.event.len());
    }

    fn buffers(&self) -> Buffers<'_> {
        Buffers { wire: self.event, decoded: b"" }
    }

    fn fields(&self) -> Option<Fields<ByteRange>> {
        read_record(&mut JsonNode::new(self.event)).ok()
    }

    /// As text alone: no more is read than the answer needs.
    fn single(&self) -> Option<Result<bool, Error>> {
        let answer = || Matcher::new(self.filters).matches_json(&mut JsonNode::new(self.event));
        (!self.filters.compares).then(answer)
    }

    /// Member by member.
    fn named(&self) -> Option<Result<bool, Error>> {
        if self.filters.compares {
            let fields = self.fields()?;
            return Some(Matcher::new(self.filters).matches_record(&Named, &Named, &self.buffers(), &fields));
        }
        Some(Matcher::new(self.filters).matches(&Named, &mut JsonNode::new(self.event)))
    }

    /// As a record of a batch, whose parts are known.
    fn record(&self) -> Option<Result<bool, Error>> {
        let fields = self.fields()?;
        let members = Scanned { of_record: true };
        Some(Matcher::new(self.filters).matches_record(&members, &Named, &self.buffers(), &fields))
    }

    /// All of it.
    fn explained(&self) -> Option<Result<bool, Error>> {
        let fields = if self.filters.compares { Some(self.fields()?) } else { None };
        let whole = ByteRange::new(0, self.event.len())?;
        let explained = explain(self.filters, &self.buffers(), &whole, fields.as_ref());
        Some(explained.map(|explanation| {
            let any = explanation.filters.iter().any(|filter| filter.matches);
            assert_eq!(explanation.matches, any || explanation.filters.is_empty());
            explanation.matches
        }))
    }

    /// A record is explained as it is matched, with whatever standing twice in it: but in an image nothing does.
    fn check_record(&self) {
        if json(self.event).is_ok_and(|event| images(&event).any(has_name_twice)) {
            return;
        }
        let (Some(fields), Some(whole)) = (self.fields(), ByteRange::new(0, self.event.len())) else { return };
        let explained = explain(self.filters, &self.buffers(), &whole, Some(&fields));
        if let (Some(Ok(answer)), Ok(explanation)) = (self.record(), explained) {
            assert_eq!(explanation.matches, answer, "{self:?}");
            for alternative in explanation.filters.iter().flat_map(|filter| &filter.alternatives) {
                assert!(!alternative.matches || alternative.paths.iter().all(|path| path.matches), "{self:?}");
            }
        }
    }

    /// None for what the plain matcher does not know, or not in time.
    fn plain(&self, event: &Json) -> Option<bool> {
        if self.filters.dialect == Dialect::Extended || self.filters.sources.is_empty() || is_odd(event) {
            return None;
        }
        let ignores_case =
            self.filters.sources.iter().any(|source| source.text.contains("case") || source.text.contains("\\u"));
        let mut any = false;
        for source in &self.filters.sources {
            let pattern = json(source.text.as_bytes()).expect("what was taken is JSON");
            if has_large_number(&pattern) || has_large_number(event) {
                return None;
            }
            if ignores_case && !(is_ascii(&pattern) && is_ascii(event)) {
                return None;
            }
            any |= matches(&pattern, event)?;
        }
        Some(any)
    }
}

/// The road that knows a record's parts.
const RECORD: usize = 2;

impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let patterns: Vec<&str> = self.filters.sources.iter().map(|source| source.text.as_str()).collect();
        write!(formatter, "{patterns:?} of {:?}, {}", self.filters.dialect, String::from_utf8_lossy(self.event))
    }
}

/// The answer of all.
fn same(answers: &[bool], filters: &Filters) -> Option<bool> {
    let first = *answers.first()?;
    let texts: Vec<&str> = filters.sources.iter().map(|source| source.text.as_str()).collect();
    assert!(answers.iter().all(|&answer| answer == first), "{answers:?} {texts:?} {:?}", filters.dialect);
    Some(first)
}

fn members(value: &Json) -> &[(String, Json)] {
    if let Json::Object(members) = value { members } else { &[] }
}

fn images(event: &Json) -> impl Iterator<Item = &Json> {
    let changes = members(event).iter().filter(|(name, _)| name == "dynamodb");
    let parts = changes.flat_map(|(_, change)| members(change));
    parts.filter(|(name, _)| ["Keys", "NewImage", "OldImage"].contains(&name.as_str())).map(|(_, image)| image)
}

fn any(value: &Json, of: &impl Fn(&Json) -> bool) -> bool {
    of(value)
        || match value {
            Json::Object(members) => members.iter().any(|(_, member)| any(member, of)),
            Json::Array(elements) => elements.iter().any(|element| any(element, of)),
            _ => false,
        }
}

fn has_name_twice(value: &Json) -> bool {
    any(value, &|value| {
        let names = members(value);
        names.iter().enumerate().any(|(index, (name, _))| names[..index].iter().any(|(other, _)| other == name))
    })
}

/// Whether a number is so large or small that the plain matcher would take long over it.
fn has_large_number(value: &Json) -> bool {
    any(
        value,
        &|value| matches!(value, Json::Number(text) if text.split(['e', 'E']).nth(1).is_some_and(|text| text.len() > 4)),
    )
}

fn is_ascii(value: &Json) -> bool {
    !any(value, &|value| matches!(value, Json::String(text) if !text.is_ascii()))
}

/// Whether there is what DynamoDB never sends, or GetRecords' spelling: rules 2.5 and 2.7 of the specification.
fn is_odd(event: &Json) -> bool {
    members(event).iter().any(|(name, value)| match name.as_str() {
        "dynamodb" => any(value, &|value| members(value).iter().any(|(name, _)| name.contains('.'))),
        "userIdentity" => {
            any(value, &|value| members(value).iter().any(|(name, _)| name == "Type" || name == "PrincipalId"))
        }
        name => name.starts_with("dynamodb.") || name.starts_with("userIdentity."),
    })
}
