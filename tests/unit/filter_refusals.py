"""Every reason why a filter pattern is refused, once, with all that is told of it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Dialect = Literal["lambda", "eventbridge", "extended"]
LAMBDA_TEXT = "Invalid filter pattern definition."
EVENTBRIDGE_TEXT = "Event pattern is not valid. Reason: "
LAMBDA = ("anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix")
EVENTBRIDGE = ("anything-but", "cidr", "equals-ignore-case", "exactly", *LAMBDA[2:], "wildcard")
COMPARISONS = ("<", "<=", "=", ">", ">=")
NETWORKS = ("10.0.0.0/24", "2001:db8::/32")
EXCLUDED = ("a string", "a number", "an array")


class Refusal(NamedTuple):
    """A pattern and what is told of it; the column is that of its text as json.dumps writes it, in line 1."""

    pattern: Any
    reason: str
    ruler: str | None = None
    dialect: Dialect = "eventbridge"
    path: tuple[str | int, ...] = ()
    column: int | None = None
    operator: str | None = None
    found: str | None = None
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None
    aws: str | None = None


def a(*values: Any) -> dict[str, Any]:
    return {"a": list(values)}


def numeric(*terms: Any) -> dict[str, Any]:
    return a({"numeric": list(terms)})


def but(value: Any) -> dict[str, Any]:
    return a({"anything-but": value})


MANY = {
    "$or": [{"x": [1]}, {"y": [1]}, *({str(n): [1]} for n in range(30))],
    "b": {"$or": [{str(n): [1]} for n in range(40)]},
}
# Rules of AWS, with event-ruler's text for each.
RULES = [
    Refusal("5", "a pattern is an object, found a number", ruler="Filter is not an object", column=1, found="a number",
     allowed=("an object",)),
    Refusal({}, "an empty object matches nothing: name a field, or leave it out",
     ruler="Empty objects are not allowed", column=1, found="an empty object"),
    Refusal({"a": []}, "an empty list matches nothing: name what may match", ruler="Empty arrays are not allowed",
     path=("a",), column=7, found="an empty list"),
    Refusal({"a": "x"}, 'what is asked of "a" is a list or an object, found a string: put it in a list',
     ruler='"a" must be an object or an array', path=("a",), column=7, found="a string",
     allowed=("an array", "an object")),
    Refusal({"a": {"prefix": 5}},
     ('what is asked of "prefix" is a list or an object, found a number: an operator stands in '
     'a list, such as [{"prefix": ...}]'), ruler='"prefix" must be an object or an array', path=("a", "prefix"),
     column=18, found="a number", allowed=("an array", "an object")),
    Refusal({"$or": {}}, "$or has a list of objects, found an object", ruler="It must be an Array followed with $or.",
     path=("$or",), column=9, operator="$or", found="an object", allowed=("an array",)),
    Refusal({"$or": [a(1), 5]}, "$or has objects, found a number",
     ruler="Only JSON object is allowed in array of $or relationship.", path=("$or", 1), column=22, operator="$or",
     found="a number", allowed=("an object",)),
    Refusal({"$or": [a(1)]}, "$or has at least two objects, found 1",
     ruler="There must have at least 2 Objects in $or relationship.", path=("$or",), column=9, operator="$or",
     found="1"),
    Refusal({"$or": [a(1), {"prefix": ["x"]}]},
     'no field inside $or may be called "prefix": the filter language keeps that word for itself',
     ruler="prefix is Ruler reserved fieldName which cannot be used inside $or.", path=("$or", 1, "prefix"), column=33,
     operator="$or", found="prefix"),
    Refusal(a([1]), "a list of values holds strings, numbers, true, false, null and operators, found an array",
     ruler="Match value must be String, number, true, false, or null", path=("a", 0), column=8, found="an array"),
    Refusal(a({}), 'an empty object: an operator such as {"prefix": "a"} is expected',
     ruler="Match expression name not found", path=("a", 0), column=8, found="an empty object", allowed=EVENTBRIDGE),
    Refusal(a({"prefix": "x", "suffix": "y"}),
     "one operator in one object: give each its own in the list, any of which may match",
     ruler="Only one key allowed in match expression", path=("a", 0), column=8, operator="prefix", found="suffix"),
    Refusal(a({"starts": "x"}), '"starts" is no operator', ruler="Unrecognized match type starts",
     path=("a", 0, "starts"), column=8, operator="starts", found="starts", allowed=EVENTBRIDGE),
    Refusal(a({"anythingBut": "x"}), '"anythingBut" is no operator: did you mean "anything-but"?',
     ruler="Unrecognized match type anythingBut", path=("a", 0, "anythingBut"), column=8, operator="anythingBut",
     found="anythingBut", allowed=EVENTBRIDGE, suggestion="anything-but"),
    Refusal(a({"prefix": 5}), "a string is expected, found a number", ruler="prefix match pattern must be a string",
     path=("a", 0, "prefix"), column=19, operator="prefix", found="a number", allowed=("a string",)),
    Refusal(a({"suffix": ["x"]}), "a string is expected, found an array",
     ruler="suffix match pattern must be a string", path=("a", 0, "suffix"), column=19, operator="suffix",
     found="an array", allowed=("a string",)),
    Refusal(a({"equals-ignore-case": None}), "a string is expected, found null",
     ruler="equals-ignore-case match pattern must be a string", path=("a", 0, "equals-ignore-case"), column=31,
     operator="equals-ignore-case", found="null", allowed=("a string",)),
    Refusal(a({"exactly": True}), "a string is expected, found a boolean",
     ruler="exact match pattern must be a string", path=("a", 0, "exactly"), column=20, operator="exactly",
     found="a boolean", allowed=("a string",)),
    Refusal(a({"wildcard": 1}), "a string is expected, found a number",
     ruler="wildcard match pattern must be a string", path=("a", 0, "wildcard"), column=21, operator="wildcard",
     found="a number", allowed=("a string",)),
    Refusal(a({"prefix": {}}), "an empty object inside prefix: a string is expected",
     ruler="Prefix expression name not found", path=("a", 0, "prefix"), column=19, operator="prefix",
     found="an empty object", allowed=("a string",)),
    Refusal(a({"suffix": {}}), "an empty object inside suffix: a string is expected",
     ruler="Suffix expression name not found", path=("a", 0, "suffix"), column=19, operator="suffix",
     found="an empty object", allowed=("a string",)),
    Refusal(a({"prefix": {"suffix": "x"}}), '"suffix" cannot stand inside prefix: only equals-ignore-case can',
     ruler="Unsupported prefix pattern: suffix", path=("a", 0, "prefix"), column=19, operator="prefix", found="suffix",
     allowed=("a string", "equals-ignore-case")),
    Refusal(a({"wildcard": "a**b"}), "two * in a row, the first at byte 1 of the text: one stands for any text",
     ruler="Consecutive wildcard characters at pos 2", path=("a", 0, "wildcard"), column=21, operator="wildcard",
     found="**", allowed=("*",)),
    Refusal(a({"wildcard": "a\\b"}), "a backslash at byte 1 of the text stands before neither * nor backslash",
     ruler="Invalid escape character at pos 2", path=("a", 0, "wildcard"), column=21, operator="wildcard", found="\\",
     allowed=("\\*", "\\\\")),
    Refusal(a({"cidr": "10.0.0.0"}), "a range of addresses has one /", ruler="Malformed CIDR, one '/' required",
     path=("a", 0, "cidr"), column=17, operator="cidr", found="10.0.0.0", allowed=NETWORKS),
    Refusal(a({"cidr": "10.0.0.0/x"}), "the number of bits behind the / is no integer",
     ruler="Malformed CIDR, mask bits must be an integer", path=("a", 0, "cidr"), column=17, operator="cidr",
     found="10.0.0.0/x", allowed=NETWORKS),
    Refusal(a({"cidr": "10.0.0.0/-1"}), "the number of bits behind the / is negative",
     ruler="Malformed CIDR, mask bits must not be negative", path=("a", 0, "cidr"), column=17, operator="cidr",
     found="10.0.0.0/-1", allowed=NETWORKS),
    Refusal(a({"cidr": "host/8"}), "what stands before the / is no IP address", ruler="Nonstandard IP address: host",
     path=("a", 0, "cidr"), column=17, operator="cidr", found="host/8", allowed=NETWORKS),
    Refusal(a({"cidr": "10.0.0.256/8"}), "the IP address before the / is not valid",
     ruler="Invalid IP address: 10.0.0.256", path=("a", 0, "cidr"), column=17, operator="cidr", found="10.0.0.256/8",
     allowed=NETWORKS),
    Refusal(a({"cidr": "10.0.0.0/32"}),
     "a range of IPv4 addresses has 0 to 31 bits: write a single address as a string of its own",
     ruler="IPv4 mask bits must be < 32", path=("a", 0, "cidr"), column=17, operator="cidr", found="10.0.0.0/32",
     allowed=NETWORKS),
    Refusal(a({"cidr": "::/128"}),
     "a range of IPv6 addresses has 0 to 127 bits: write a single address as a string of its own",
     ruler="IPv6 mask bits must be < 128", path=("a", 0, "cidr"), column=17, operator="cidr", found="::/128",
     allowed=NETWORKS),
    Refusal(a({"exists": "true"}), "exists is true or false, found a string",
     ruler="exists match pattern must be either true or false.", path=("a", 0, "exists"), column=19, operator="exists",
     found="a string", allowed=("true", "false")),
    Refusal(a({"numeric": 5}), 'numeric has a list such as [">", 0, "<=", 5], found a number',
     ruler="Value of numeric must be an array.", path=("a", 0, "numeric"), column=20, operator="numeric",
     found="a number", allowed=("an array",)),
    Refusal(numeric(), "numeric starts with one of = < <= > >=", ruler="Invalid member in numeric match: ]",
     path=("a", 0, "numeric"), column=20, operator="numeric", found="an empty list", allowed=COMPARISONS),
    Refusal(numeric("!=", 1), '"!=" compares no numbers: numeric knows = < <= > >=',
     ruler="Unrecognized numeric range operator: !=", path=("a", 0, "numeric", 0), column=21, operator="numeric",
     found="!=", allowed=COMPARISONS),
    Refusal(numeric("=", "1"), "behind = stands a number, found a string", ruler="Value of equals must be numeric",
     path=("a", 0, "numeric", 1), column=26, operator="numeric", found="a string", allowed=("a number",)),
    Refusal(numeric(">="), "behind >= stands a number, found nothing", ruler="Value of >= must be numeric",
     path=("a", 0, "numeric", 1), column=20, operator="numeric", found="nothing", allowed=("a number",)),
    Refusal(numeric("<", 30, ">", 1), "after < and its number nothing follows: a range starts with > or >=",
     ruler="Too many elements in numeric expression", path=("a", 0, "numeric", 2), column=30, operator="numeric",
     found=">"),
    Refusal(numeric(">", 1, 2), "a range goes on with < or <=, found a number", ruler="Bad value in numeric range: 2",
     path=("a", 0, "numeric", 2), column=29, operator="numeric", found="2", allowed=("<", "<=")),
    Refusal(numeric(">", 1, ">", 2), 'a range goes on with < or <=, found ">"', ruler="Bad numeric range operator: >",
     path=("a", 0, "numeric", 2), column=29, operator="numeric", found=">", allowed=("<", "<=")),
    Refusal(numeric(">", 1, "<", 2, 3), "a range has two ends and no more",
     ruler="Too many terms in numeric range expression", path=("a", 0, "numeric", 4), column=37, operator="numeric",
     found="3"),
    Refusal(numeric(">=", 26, "<=", 26), "the lower end of a range must be less than the upper end",
     ruler="Bottom must be less than top", path=("a", 0, "numeric"), column=20, operator="numeric"),
    Refusal('{"a":[{"numeric":["=",1e9999999]}]}', "the exponent of the number is too large to compare it",
     ruler="Cannot compare number : 1e9999999", path=("a", 0, "numeric", 1), column=23, operator="numeric",
     found="1e9999999"),
    Refusal(a({"numeric": [">", 1], "x": 1}),
     "one operator in one object: give each its own in the list, any of which may match",
     ruler="Too many elements in numeric expression", path=("a", 0), column=8, operator="numeric", found="x"),
    Refusal(but(None), "anything-but has a string, a number or a list of these, found null",
     ruler="Value of anything-but must be an array or single string/number value.", path=("a", 0, "anything-but"),
     column=25, operator="anything-but", found="null", allowed=EXCLUDED),
    Refusal(but([True]), "a list of anything-but holds strings or numbers, found a boolean",
     ruler="Inside anything but list, start|null|boolean is not supported.", path=("a", 0, "anything-but", 0),
     column=26, operator="anything-but", found="a boolean", allowed=("a string", "a number")),
    Refusal(but(["x", 1]), "a list of anything-but holds only strings or only numbers, found strings and numbers",
     ruler="Inside anything but list, either all values are number or string, mixed type is not supported",
     path=("a", 0, "anything-but"), column=25, operator="anything-but", found="strings and numbers"),
    Refusal(but({}), "an empty object inside anything-but", ruler="Anything-But expression name not found",
     path=("a", 0, "anything-but"), column=25, operator="anything-but", found="an empty object",
     allowed=("equals-ignore-case", "prefix", "suffix", "wildcard")),
    Refusal(but({"numeric": []}), '"numeric" cannot stand inside anything-but',
     ruler="Unsupported anything-but pattern: numeric", path=("a", 0, "anything-but"), column=25,
     operator="anything-but", found="numeric", allowed=("equals-ignore-case", "prefix", "suffix", "wildcard")),
    Refusal(but({"prefix": ""}), "an empty prefix inside anything-but would exclude every string",
     ruler="Null prefix/suffix not allowed", path=("a", 0, "anything-but", "prefix"), column=36,
     operator="anything-but", found="an empty string"),
    Refusal(but({"prefix": 1}), "a string is expected, found a number",
     ruler="prefix/suffix match pattern must be a string", path=("a", 0, "anything-but", "prefix"), column=36,
     operator="anything-but", found="a number", allowed=("a string",)),
    Refusal(but({"equals-ignore-case": [1]}), "a string is expected, found a number",
     ruler="Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
     path=("a", 0, "anything-but", "equals-ignore-case", 0), column=49, operator="anything-but", found="a number",
     allowed=("a string",)),
    Refusal(but({"wildcard": [1]}), "a string is expected, found a number",
     ruler="wildcard match pattern must be a string", path=("a", 0, "anything-but", "wildcard", 0), column=39,
     operator="anything-but", found="a number", allowed=("a string",)),
]  # fmt: skip

# Limits of ours, dialects, and what only tailrace has.
OURS = [
    Refusal([a(1)] * 6, "there are 6 filters, and at most 5 are allowed", dialect="lambda", found="6", allowed=("5",)),
    Refusal('{"' + "a" * 5000 + '":[1]}', "a pattern has at most 4096 characters, this one has 5008", dialect="lambda",
     found="5008", allowed=("4096 characters",)),
    Refusal({"a." * 200: [1]}, "a path has at most 128 steps", dialect="lambda", path=("a." * 200,), column=406,
     found="201", allowed=("128",)),
    Refusal("[" * 200, "a pattern is nested too deep", dialect="lambda", path=(0,) * 129, column=129),
    Refusal(MANY, "the pattern unfolds to more than 1024 alternatives: each $or multiplies those of the others",
     dialect="lambda", path=("b", "$or"), column=428, operator="$or"),
    Refusal(a(object()), "a pattern holds only what JSON has, found something else", dialect="lambda", path=("a", 0),
     aws=LAMBDA_TEXT),
    Refusal(a(float("nan")), "a pattern has no NaN and no Infinity", dialect="lambda", path=("a", 0), aws=LAMBDA_TEXT),
    Refusal(b'{"\xff"', "the text is not UTF-8", dialect="lambda", aws=LAMBDA_TEXT),
    Refusal("{} x", "the pattern is no JSON: expected the end of the text", dialect="lambda", column=4),
    Refusal(but({"prefix": []}), "an empty list inside anything-but", dialect="eventbridge",
     path=("a", 0, "anything-but", "prefix"), column=36, operator="anything-but", found="an empty list",
     allowed=("a string", "strings")),
    Refusal(a({"wildcard": "x*"}), '"wildcard" is an operator of the eventbridge dialect only, and this is lambda',
     dialect="lambda", path=("a", 0, "wildcard"), column=8, operator="wildcard", found="wildcard", allowed=LAMBDA,
     aws=LAMBDA_TEXT),
    Refusal(a({"regex": "x"}), '"regex" is an operator of the extended dialect only, and this is eventbridge',
     dialect="eventbridge", path=("a", 0, "regex"), column=8, operator="regex", found="regex", allowed=EVENTBRIDGE,
     aws=EVENTBRIDGE_TEXT + "Unrecognized match type regex"),
    Refusal(a({"prefix": {"equals-ignore-case": "x"}}),
     "equals-ignore-case inside prefix is of the eventbridge dialect only, and this is lambda", dialect="lambda",
     path=("a", 0, "prefix"), column=19, operator="prefix", found="equals-ignore-case", allowed=("a string",),
     aws=LAMBDA_TEXT),
    Refusal(but({"suffix": "x"}), "suffix inside anything-but is of the eventbridge dialect only, and this is lambda",
     dialect="lambda", path=("a", 0, "anything-but"), column=25, operator="anything-but", found="suffix",
     allowed=EXCLUDED, aws=LAMBDA_TEXT),
    Refusal({"$not": {"a": ["x"]}}, '$not is of the dialect "extended": write $or, or say dialect="extended"',
     dialect="lambda", path=("$not",), column=10, operator="$not", found="$not"),
    Refusal({"Filters": None}, "Filters has a list, found null", dialect="lambda", path=("Filters",), column=13,
     found="null"),
    Refusal({"Filters": [5]}, 'a filter is {"Pattern": ...} and nothing beside it, found a number', dialect="lambda",
     column=14, found="a number"),
    Refusal({"$and": 5}, "$and has a list of objects, found a number", dialect="extended", path=("$and",), column=10,
     operator="$and", found="a number", allowed=("an array",)),
    Refusal({"$and": [5]}, "$and has objects, found a number", dialect="extended", path=("$and", 0), column=11,
     operator="$and", found="a number", allowed=("an object",)),
    Refusal({"$not": 5}, "$not has an object, found a number", dialect="extended", path=("$not",), column=10,
     operator="$not", found="a number", allowed=("an object",)),
    Refusal(a({"changed": True}),
     ("changed, added and removed compare the images: they stand at a path of an attribute "
     "inside dynamodb.NewImage or dynamodb.OldImage"), dialect="extended", path=("a",), column=7, operator="changed",
     allowed=("dynamodb.NewImage", "dynamodb.OldImage")),
    Refusal(a({"exists": False, "prefix": "x"}),
     "exists: false stands in a list by itself: put $and or $not around whole patterns",
     dialect="extended", path=("a", 0), column=8, operator="exists"),
    Refusal(a({"regex": "("}), "the regular expression cannot be read, or is too large", dialect="extended",
     path=("a", 0, "regex"), column=18, operator="regex", found="("),
    Refusal(a({"contains-all": 5}), "contains-all has a list of values, found a number", dialect="extended",
     path=("a", 0, "contains-all"), column=25, operator="contains-all", found="a number", allowed=("an array",)),
    Refusal(a({"changed": False}), "true is expected, found false", dialect="extended", path=("a", 0, "changed"),
     column=20, operator="changed", found="false", allowed=("true", "[from, to]")),
    Refusal(a({"changed": [1]}), "changed has true or a list [from, to], found 1 elements", dialect="extended",
     path=("a", 0, "changed"), column=20, operator="changed", found="1", allowed=("true", "[from, to]")),
]  # fmt: skip
