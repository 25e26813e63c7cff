"""What people, templates and chance break in a filter pattern; a few of these are no faults at all."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.reference.filter_json import Members, read


def _trees(text: str) -> list[Any]:
    """The trees of texts without spaces."""
    return [read(each) for each in text.split()]


# Elements of a list of conditions.
ELEMENTS = _trees("""
{} [] [1] [[]] {"a":1} {"prefix":"a","suffix":"b"} {"prefix":"a","prefix":"b"} {"PREFIX":"a"} {"regex":"a"}
{"exists":"true"} {"exists":1} {"exists":null} {"exists":[true]} {"exists":true,"exists":true} {"exists":{}}
{"prefix":1} {"prefix":null} {"prefix":["a"]} {"prefix":[]} {"prefix":{}} {"prefix":{"suffix":"a"}}
{"prefix":{"equals-ignore-case":1}} {"prefix":{"equals-ignore-case":["a"]}}
{"prefix":{"equals-ignore-case":"a","equals-ignore-case":"b"}} {"prefix":{"equals-ignore-case":""}} {"prefix":""}
{"suffix":""} {"suffix":true} {"suffix":{"prefix":"a"}} {"suffix":["a"]} {"suffix":{"equals-ignore-case":""}}
{"suffix":{"equals-ignore-case":{}}} {"equals-ignore-case":""} {"equals-ignore-case":1}
{"equals-ignore-case":["a"]} {"equals-ignore-case":{"prefix":"a"}} {"exactly":1} {"exactly":"a"} {"exactly":["a"]}
{"exactly":""} {"wildcard":""} {"wildcard":"*"} {"wildcard":"**"} {"wildcard":"a**"} {"wildcard":"\\\\"}
{"wildcard":"\\\\a"} {"wildcard":["a"]} {"wildcard":1} {"wildcard":"\\\\*\\\\\\\\"} {"wildcard":"*\\\\**"}
{"wildcard":"a\\\\"} {"wildcard":"\\""} {"anything-but":[]} {"anything-but":{}} {"anything-but":["a",1]}
{"anything-but":null} {"anything-but":true} {"anything-but":[null]} {"anything-but":[true]}
{"anything-but":[["a"]]} {"anything-but":[{"prefix":"a"}]} {"anything-but":""} {"anything-but":[""]}
{"anything-but":[1,1.0]} {"anything-but":{"prefix":""}} {"anything-but":{"prefix":[]}}
{"anything-but":{"prefix":["a",""]}} {"anything-but":{"prefix":1}} {"anything-but":{"prefix":["a",1]}}
{"anything-but":{"prefix":{"equals-ignore-case":"a"}}} {"anything-but":{"suffix":""}}
{"anything-but":{"suffix":[]}} {"anything-but":{"suffix":"a","prefix":"a"}}
{"anything-but":{"equals-ignore-case":[]}} {"anything-but":{"equals-ignore-case":1}}
{"anything-but":{"equals-ignore-case":""}} {"anything-but":{"wildcard":[]}}
{"anything-but":{"wildcard":["a","**"]}} {"anything-but":{"wildcard":""}} {"anything-but":{"wildcard":"*"}}
{"anything-but":{"wildcard":1}} {"anything-but":{"exactly":"a"}} {"anything-but":{"numeric":["=",1]}}
{"anything-but":{"cidr":"10.0.0.0/8"}} {"anything-but":{"anything-but":"a"}} {"numeric":[]} {"numeric":{}}
{"numeric":1} {"numeric":"="} {"numeric":["="]} {"numeric":["=","1"]} {"numeric":["!=",1]} {"numeric":["=",1,2]}
{"numeric":["=",1,"<",2]} {"numeric":["<",1,">",0]} {"numeric":[">",1,">",2]} {"numeric":[">",1,"<"]}
{"numeric":[">",1,"<","2"]} {"numeric":[">",1,"<",1]} {"numeric":[">=",1,"<=",1]} {"numeric":[">",2,"<",1]}
{"numeric":[1,">"]} {"numeric":[">",1,"<",2,"="]} {"numeric":[">",1,"<",2,"=",3]} {"numeric":[">",null]}
{"numeric":[null]} {"numeric":[[">",1]]} {"numeric":[">",1,2]} {"numeric":[">",1,"=",2]}
{"numeric":["<=",1,"<=",2]} {"numeric":[">",1.0,"<=",1.00]} {"numeric":["==",1]} {"numeric":[">",true]}
{"numeric":[true,1]} {"numeric":["=",1],"exists":true} {"numeric":[">=",-1,"<=",0]} {"cidr":"10.0.0.0"}
{"cidr":"10.0.0.0/32"} {"cidr":"10.0.0.0/-1"} {"cidr":"10.0.0.0/a"} {"cidr":"10.0.0.0/"} {"cidr":"/8"}
{"cidr":"10.0.0.0/8/"} {"cidr":"10.0.0.0/8/8"} {"cidr":"10.0.0.256/8"} {"cidr":"::/128"} {"cidr":"::/127"}
{"cidr":"::1/64"} {"cidr":"::ffff:102:304/24"} {"cidr":"::ffff:102:304/96"} {"cidr":"host/8"} {"cidr":""}
{"cidr":"/"} {"cidr":1} {"cidr":["10.0.0.0/8"]} {"cidr":"10.0.0.0/99999999999"} {"cidr":"10.0.0/8"}
{"cidr":"2001:db8::/32"} {"cidr":"10.0.0.0/+8"} {"cidr":"::/0"} {"cidr":"0.0.0.0/0"} {"cidr":":/8"}
{"cidr":"1:2:3:4:5:6:7:8:9/8"} {"cidr":"10.0.0.0//8"} {"cidr":"//"} {"cidr":"010.0.0.0/8"}
{"$or":[{"a":[1]},{"b":[1]}]} {"":1}
""")
ELEMENTS += [read('{"cidr":"10.0.0.0/ 8"}'), read('{"cidr":" 10.0.0.0/8"}'), read('{"prefix ":"a"}')]
# What stands where a member's value does.
MEMBERS = _trees("""
{} [] null true 1 "a" {"a":[]} {"a":{}} {"a":"x"} [[]] [[1]] [{}] [{"a":["x"]}] {"$or":[]} {"$or":[{"a":[1]}]}
{"$or":["a","b"]} {"$or":{"a":[1]}} {"$or":[{"a":[1]},1]} {"$or":[{"a":[1]},{}]} {"$or":[{},{"a":[1]}]}
{"$or":null} {"$or":"a"} {"$or":[{"a":[1]},{"prefix":["a"]}]} {"$or":[{"a":[1]},{"exists":{"b":[1]}}]}
{"$or":[{"a":[1]},{"b":{"regex":[1]}}]} {"$or":[{"a":[1]},{"=":["a"]}]} {"$or":[{"a":[1]},{"$or":[{"b":[1]}]}]}
{"$or":[{"a":[1]},{"$or":[{"b":[1]},{"c":[1]}]}]} {"$or":[{"a":[1]},[]]} {"$or":[[{"a":[1]}],{"b":[1]}]}
{"$or":[{"a":[1]},{"b":[]}]} {"$or":[{"a":[1]},{"b":1}]} {"$or":[{"a":[1]},{"b":[1]}],"$or":[{"c":[1]},{"d":[1]}]}
{"$or":[{"a":[1]},{"b":[1]}],"a":[2]} {"a":[2],"$or":[{"a":[1]},{"b":[1]}]}
{"$or":[{"a":[1]},{"in-date-range":[1]}]} {"$or":[{"a":[1]},{"date-on":[1]}]}
{"prefix":["a"],"$or":[{"a":[1]},{"b":[1]}]} {"$or":[{"a":[1]},{"b":["x",{"suffix":1}]}]}
""")


def broken(rng: Random, tree: Members) -> Members:
    """The pattern with one thing put where another stood."""
    at = rng.randrange(len(tree))
    members = list(tree)
    name, value = members[at]
    members[at] = (name, _broken_value(rng, value))
    if rng.random() < 0.1:
        members.insert(rng.randrange(len(members) + 1), (rng.choice([name, "a", "$or", ""]), _broken_value(rng, value)))
    return Members(members)


def _broken_value(rng: Random, value: Any) -> Any:
    if isinstance(value, Members) and value and rng.random() < 0.8:
        return broken(rng, value)
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        if isinstance(value[at], Members) and value[at] and rng.random() < 0.3:
            return [*value[:at], broken(rng, value[at]), *value[at + 1 :]]
        return [*value[:at], rng.choice(ELEMENTS), *value[at + rng.choice([0, 1]) :]]
    return rng.choice(MEMBERS)


def broken_text(rng: Random, text: str) -> str:
    """The text with a fault of its writing."""
    at = rng.randrange(len(text) + 1)
    return rng.choice([
        text[:at],
        text[:at] + text[at + 1 :],
        text[:at] + rng.choice(['"', ",", "{", "}", "[", "]", ":", "1", "\\", " ", "null", "\t", "\n"]) + text[at:],
        text + rng.choice([" zzz", "}", "{}", ",", "1"]),
        rng.choice(["", " ", "[" + text + "]", "single-string", '"text"', "1", "null", "[]", "{}", "// c\n" + text]),
        text.replace("[", "[NaN,", 1),
        text.replace("[", "[Infinity,", 1),
        text.replace("[", rng.choice(["[01,", "[1.,", "[.5,", "[+1,", "[1e,", "[-,", "[0x1,", "[1,,"]), 1),
        text.replace("]", ",]", 1),
        text.replace("}", ",}", 1),
        text.replace('"', "'"),
        text.replace("[", "[/* c */", 1),
        text.replace('"', '"\\q', 1),
        text.replace("{", "{ \n\r\t", 1),
    ])  # fmt: skip
