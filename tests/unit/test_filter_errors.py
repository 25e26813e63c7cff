"""Why a pattern is refused: each reason once, with the words of AWS, the place and what would be right."""

from __future__ import annotations

import json
import pickle
from typing import Any, Literal, TypeAlias

import pytest

from tailrace import FilterCriteria, FilterPatternError, TailraceError
from tests.reference.rust_messages import REASONS, RULER_TEXTS, messages, pattern

Dialect: TypeAlias = Literal["lambda", "eventbridge", "extended"]
LAMBDA_TEXT = "Invalid filter pattern definition."
EVENTBRIDGE_TEXT = "Event pattern is not valid. Reason: "


def a(*values: Any) -> dict[str, Any]:
    return {"a": list(values)}


def numeric(*terms: Any) -> dict[str, Any]:
    return a({"numeric": list(terms)})


def but(value: Any) -> dict[str, Any]:
    return a({"anything-but": value})


# A pattern, our reason, event-ruler's text.
RULES: list[tuple[Any, str, str]] = [
    ("5", "a pattern is an object, found a number", "Filter is not an object"),
    ({}, "an empty object matches nothing: name a field, or leave it out", "Empty objects are not allowed"),
    ({"a": []}, "an empty list matches nothing: name what may match", "Empty arrays are not allowed"),
    ({"a": "x"}, 'what is asked of "a" is a list or an object, found a string: put it in a list',
     '"a" must be an object or an array'),
    ({"a": {"prefix": 5}}, ('what is asked of "prefix" is a list or an object, found a number: an operator stands in '
     'a list, such as [{"prefix": ...}]'), '"prefix" must be an object or an array'),
    ({"$or": {}}, "$or has a list of objects, found an object", "It must be an Array followed with $or."),
    ({"$or": [a(1), 5]}, "$or has objects, found a number",
     "Only JSON object is allowed in array of $or relationship."),
    ({"$or": [a(1)]}, "$or has at least two objects, found 1",
     "There must have at least 2 Objects in $or relationship."),
    ({"$or": [a(1), {"prefix": ["x"]}]},
     'no field inside $or may be called "prefix": the filter language keeps that word for itself',
     "prefix is Ruler reserved fieldName which cannot be used inside $or."),
    (a([1]), "a list of values holds strings, numbers, true, false, null and operators, found an array",
     "Match value must be String, number, true, false, or null"),
    (a({}), 'an empty object: an operator such as {"prefix": "a"} is expected', "Match expression name not found"),
    (a({"prefix": "x", "suffix": "y"}),
     "one operator in one object: give each its own in the list, any of which may match",
     "Only one key allowed in match expression"),
    (a({"starts": "x"}), '"starts" is no operator', "Unrecognized match type starts"),
    (a({"anythingBut": "x"}), '"anythingBut" is no operator: did you mean "anything-but"?',
     "Unrecognized match type anythingBut"),
    (a({"prefix": 5}), "a string is expected, found a number", "prefix match pattern must be a string"),
    (a({"suffix": ["x"]}), "a string is expected, found an array", "suffix match pattern must be a string"),
    (a({"equals-ignore-case": None}), "a string is expected, found null",
     "equals-ignore-case match pattern must be a string"),
    (a({"exactly": True}), "a string is expected, found a boolean", "exact match pattern must be a string"),
    (a({"wildcard": 1}), "a string is expected, found a number", "wildcard match pattern must be a string"),
    (a({"prefix": {}}), "an empty object inside prefix: a string is expected", "Prefix expression name not found"),
    (a({"suffix": {}}), "an empty object inside suffix: a string is expected", "Suffix expression name not found"),
    (a({"prefix": {"suffix": "x"}}), '"suffix" cannot stand inside prefix: only equals-ignore-case can',
     "Unsupported prefix pattern: suffix"),
    (a({"wildcard": "a**b"}), "two * in a row, the first at byte 1 of the text: one stands for any text",
     "Consecutive wildcard characters at pos 2"),
    (a({"wildcard": "a\\b"}), "a backslash at byte 1 of the text stands before neither * nor backslash",
     "Invalid escape character at pos 2"),
    (a({"cidr": "10.0.0.0"}), "a range of addresses has one /", "Malformed CIDR, one '/' required"),
    (a({"cidr": "10.0.0.0/x"}), "the number of bits behind the / is no integer",
     "Malformed CIDR, mask bits must be an integer"),
    (a({"cidr": "10.0.0.0/-1"}), "the number of bits behind the / is negative",
     "Malformed CIDR, mask bits must not be negative"),
    (a({"cidr": "host/8"}), "what stands before the / is no IP address", "Nonstandard IP address: host"),
    (a({"cidr": "10.0.0.256/8"}), "the IP address before the / is not valid", "Invalid IP address: 10.0.0.256"),
    (a({"cidr": "10.0.0.0/32"}),
     "a range of IPv4 addresses has 0 to 31 bits: write a single address as a string of its own",
     "IPv4 mask bits must be < 32"),
    (a({"cidr": "::/128"}),
     "a range of IPv6 addresses has 0 to 127 bits: write a single address as a string of its own",
     "IPv6 mask bits must be < 128"),
    (a({"exists": "true"}), "exists is true or false, found a string",
     "exists match pattern must be either true or false."),
    (a({"numeric": 5}), 'numeric has a list such as [">", 0, "<=", 5], found a number',
     "Value of numeric must be an array."),
    (numeric(), "numeric starts with one of = < <= > >=", "Invalid member in numeric match: ]"),
    (numeric("!=", 1), '"!=" compares no numbers: numeric knows = < <= > >=',
     "Unrecognized numeric range operator: !="),
    (numeric("=", "1"), "behind = stands a number, found a string", "Value of equals must be numeric"),
    (numeric(">="), "behind >= stands a number, found nothing", "Value of >= must be numeric"),
    (numeric("<", 30, ">", 1), "after < and its number nothing follows: a range starts with > or >=",
     "Too many elements in numeric expression"),
    (numeric(">", 1, 2), "a range goes on with < or <=, found a number", "Bad value in numeric range: 2"),
    (numeric(">", 1, ">", 2), 'a range goes on with < or <=, found ">"', "Bad numeric range operator: >"),
    (numeric(">", 1, "<", 2, 3), "a range has two ends and no more", "Too many terms in numeric range expression"),
    (numeric(">=", 26, "<=", 26), "the lower end of a range must be less than the upper end",
     "Bottom must be less than top"),
    ('{"a":[{"numeric":["=",1e9999999]}]}', "the exponent of the number is too large to compare it",
     "Cannot compare number : 1e9999999"),
    (but(None), "anything-but has a string, a number or a list of these, found null",
     "Value of anything-but must be an array or single string/number value."),
    (but([True]), "a list of anything-but holds strings or numbers, found a boolean",
     "Inside anything but list, start|null|boolean is not supported."),
    (but(["x", 1]), "a list of anything-but holds only strings or only numbers, found strings and numbers",
     "Inside anything but list, either all values are number or string, mixed type is not supported"),
    (but({}), "an empty object inside anything-but", "Anything-But expression name not found"),
    (but({"numeric": []}), '"numeric" cannot stand inside anything-but', "Unsupported anything-but pattern: numeric"),
    (but({"prefix": ""}), "an empty prefix inside anything-but would exclude every string",
     "Null prefix/suffix not allowed"),
    (but({"prefix": 1}), "a string is expected, found a number", "prefix/suffix match pattern must be a string"),
    (but({"equals-ignore-case": [1]}), "a string is expected, found a number",
     "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."),
    (but({"wildcard": [1]}), "a string is expected, found a number", "wildcard match pattern must be a string"),
]  # fmt: skip

# A pattern, its dialect, our reason: limits of ours, dialects, and what only tailrace has.
OURS: list[tuple[Any, Dialect, str]] = [
    ([a(1)] * 6, "lambda", "there are 6 filters, and at most 5 are allowed"),
    ({"a" * 5000: [1]}, "lambda", "a pattern has at most 4096 characters, this one has 5008"),
    ({"a." * 200: [1]}, "lambda", "a path has at most 128 steps"),
    ("[" * 200, "lambda", "a pattern is nested too deep"),
    ({"$or": [{"x": [1]}, {"y": [1]}, *({str(n): [1]} for n in range(30))],
      "b": {"$or": [{str(n): [1]} for n in range(40)]}}, "lambda",
     "the pattern unfolds to more than 1024 alternatives: each $or multiplies those of the others"),
    ({"a": [object()]}, "lambda", "a pattern holds only what JSON has, found something else"),
    ({"a": [float("nan")]}, "lambda", "a pattern has no NaN and no Infinity"),
    (b'{"\xff"', "lambda", "the text is not UTF-8"),
    ("{} x", "lambda", "the pattern is no JSON: expected the end of the text"),
    (but({"prefix": []}), "eventbridge", "an empty list inside anything-but"),
    (a({"wildcard": "x*"}), "lambda", '"wildcard" is an operator of the eventbridge dialect only, and this is lambda'),
    (a({"regex": "x"}), "eventbridge",
     '"regex" is an operator of the extended dialect only, and this is eventbridge'),
    (a({"prefix": {"equals-ignore-case": "x"}}), "lambda",
     "equals-ignore-case inside prefix is of the eventbridge dialect only, and this is lambda"),
    (but({"suffix": "x"}), "lambda",
     "suffix inside anything-but is of the eventbridge dialect only, and this is lambda"),
    ({"$and": 5}, "extended", "$and has a list of objects, found a number"),
    ({"$and": [5]}, "extended", "$and has objects, found a number"),
    ({"$not": 5}, "extended", "$not has an object, found a number"),
    (a({"changed": True}), "extended", ("changed, added and removed compare the images: they stand at a path of an "
     "attribute inside dynamodb.NewImage or dynamodb.OldImage")),
    ({"dynamodb": {"NewImage": {"a": {"L": {"M": {"b": [{"changed": True}]}}}}}}, "extended", ("changed, added and "
     "removed look at an attribute as a whole, and not into lists: end the path at L or before it")),
    (a({"exists": False, "prefix": "x"}), "extended",
     "exists: false cannot be put together with other operators in one place: use $and around two patterns"),
    (a({"regex": "("}), "extended", "the regular expression cannot be read, or is too large"),
    (a({"contains-all": 5}), "extended", "contains-all has a list of values, found a number"),
    (a({"changed": False}), "extended", "true is expected, found a boolean"),
    (a({"changed": [1]}), "extended", "changed has true or a list [from, to], found 1 elements"),
]  # fmt: skip


# Those of to_lambda, which test_filter_export.py provokes.
EXPORT = ["Lambda has no filter like this: regex", "Lambda would need 8 filters, and at most 5 are allowed"]


def refused(given: Any, dialect: Dialect = "lambda") -> FilterPatternError:
    with pytest.raises(FilterPatternError) as raised:
        FilterCriteria(given, dialect=dialect)
    return raised.value


@pytest.mark.parametrize(("given", "reason", "ruler"), RULES, ids=[row[1][:50] for row in RULES])
def test_a_rule_of_aws_is_told_in_our_words_and_in_theirs(given: Any, reason: str, ruler: str) -> None:
    for form in (given, given if isinstance(given, str) else json.dumps(given)):
        error = refused(form, "eventbridge")
        assert (error.reason, error.aws_message) == (reason, EVENTBRIDGE_TEXT + ruler)
        assert str(error).startswith(reason)
        assert refused(form).aws_message == LAMBDA_TEXT
        assert (error.line is None) is not isinstance(form, str)


@pytest.mark.parametrize(("given", "dialect", "reason"), OURS, ids=[row[2][:50] for row in OURS])
def test_a_rule_of_ours_is_told(given: Any, dialect: Dialect, reason: str) -> None:
    assert refused(given, dialect).reason == reason


def test_the_lists_are_complete() -> None:
    told = [*(text for row in RULES for text in row[1:]), *(row[2] for row in OURS), *EXPORT]
    for message in {*messages(REASONS), *messages(RULER_TEXTS)} - {"", "; "}:
        assert any(pattern(message).fullmatch(text) for text in told), message


def test_the_place_is_named_in_objects_and_in_text() -> None:
    text = '{\n  "eventName": ["INSERT"],\n  "dynamodb": {"\u00e9": {"S": ["x", {"perfix": "y"}]}}\n}'
    error = refused(text)
    assert error.path == ("dynamodb", "\u00e9", "S", 1, "perfix")
    assert (error.line, error.column) == (3, 33)
    assert (error.operator, error.found, error.suggestion) == ("perfix", "perfix", "prefix")
    assert error.allowed == ("anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix")
    assert str(error).endswith("(at dynamodb.\u00e9.S[1].perfix, line 3, column 33)")
    error = refused(json.loads(text))
    assert (error.path[-1], error.line, error.column) == ("perfix", None, None)


def test_the_path_goes_into_operators() -> None:
    assert refused(numeric(">", 1, "<", "x")).path == ("a", 0, "numeric", 3)
    assert refused(but(["x", None])).path == ("a", 0, "anything-but", 1)
    assert refused({"$or": [a(1), {"b": [{}]}]}).path == ("$or", 1, "b", 0)
    assert refused(but({"prefix": [1]}), "eventbridge").path == ("a", 0, "anything-but", "prefix", 0)


def test_one_filter_of_several_is_named() -> None:
    for given in ([a(1), {}], {"Filters": [{"Pattern": '{"a":[1]}'}, {"Pattern": "{}"}]}):
        error = refused(given)
        assert error.filter_index == 1
        assert "in filter 1" in str(error)
    assert refused({}).filter_index is None


def test_a_broken_text_has_its_place() -> None:
    error = refused('{"a":\n[1,]}')
    assert error.reason == "the pattern is no JSON: expected a value"
    assert (error.line, error.column) == (2, 4)
    assert error.aws_message == LAMBDA_TEXT
    # What AWS would take has no text of AWS.
    assert refused('{"a":[1]} x').aws_message is None


def test_the_error_is_of_the_family_and_can_be_pickled() -> None:
    error = refused('{"a": [{"perfix": "x"}]}')
    assert isinstance(error, TailraceError)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 our own
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="dialect is"):
        FilterCriteria(a(1), dialect="x")  # type: ignore[arg-type]
    for number in (0, 11):
        with pytest.raises(ValueError, match="max_filters is 1 to 10"):
            FilterCriteria(a(1), max_filters=number)
