"""Seeded items and events in DynamoDB's wire form: the data that every benchmark reads.

Four corpora, each of distinct items, so that caches meet a realistic variety:

    a_flat      12 attributes (S, N, BOOL, NULL): a user
    b_nested    60 attribute values (L of M, M of M, SS, NS): an order
    c_large     about 40 KB, mostly text, some of it with escapes or outside ASCII: a document
    d_numbers   200 N attributes: small integers, times in milliseconds, decimals, 38 digits: metrics

The data is the same on every Python and machine, and may not change: numbers measured on other data can't be
compared. None of it holds B, for boto3's deserializer refuses the base64 text in which Lambda delivers it.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from typing import Any

AttributeValue = dict[str, Any]
Item = dict[str, AttributeValue]

SEED = 20240607
COUNTS = {"a_flat": 400, "b_nested": 100, "c_large": 20, "d_numbers": 40}

# fmt: off
_FIRST = [
    "Ada", "Grace", "Linus", "Maria", "José", "Chloé", "Wei", "王芳", "Olu", "Ivan",
    "Tom", "Sara", "Nina", "Karl", "Bob", "Eve", "Lena", "Max", "Zoe", "Ann",
]
_LAST = [
    "Lovelace", "Hopper", "García", "Smith", "Jones", "Zhang", "Okafor", "Petrov", "Müller",
    "Brown", "Silva", "Kim", "Tanaka", "Novak", "Rossi", "Dubois", "White", "Green",
]
_WORDS = [
    "stream", "record", "shard", "iterator", "table", "item", "attribute", "value", "order", "customer", "delivery",
    "the", "and", "of", "a", "with", "from", "into", "payment", "status", "pending", "shipped", "cancelled",
    "returned", "invoice", "number", "warehouse", "location", "express", "standard", "gift", "note", "please",
    "leave", "at", "door", "signature", "required",
]
# fmt: on
_CITIES = ["Berlin", "São Paulo", "Osaka", "Leeds", "Austin", "Lagos"]
_COUNTRIES = ["DE", "BR", "JP", "GB", "US", "NG"]
_KEY = {"a_flat": "pk", "b_nested": "order_id"}


def items(name: str, count: int | None = None, seed: int = SEED) -> list[Item]:
    """The first items of a corpus; all of them without a count."""
    r = random.Random(f"{seed}:{name}")
    return [_MAKERS[name](r) for _ in range(count or COUNTS[name])]


def event(name: str, count: int = 1000, seed: int = SEED) -> dict[str, list[dict[str, Any]]]:
    """A Lambda event of MODIFY records with both images, of ``a_flat`` or ``b_nested``."""
    r = random.Random(f"{seed}:event:{name}")
    return {"Records": [_record(r, name, position) for position in range(count)]}


def updates(count: int = 1000, seed: int = SEED) -> dict[str, list[dict[str, Any]]]:
    """A Lambda event of small changes: records of orders of 18 attributes, in which one to three paths changed.

    In every fifth a number is written in another way, and in every seventh a set in another order: neither is a change.
    """
    r = random.Random(f"{seed}:updates")
    return {"Records": [_change(r, position, *_update(r, position)) for position in range(count)]}


def wide(count: int, seed: int = SEED) -> tuple[Item, Item]:
    """An item of this many attributes, and the same in another order with every hundredth changed."""
    r = random.Random(f"{seed}:wide:{count}")
    old = {f"attribute_{position:05d}": _text(_uuid(r)) for position in range(count)}
    new = {name: old[name] for name in r.sample(list(old), count)}
    return old, new | {name: _text(_uuid(r)) for name in list(new)[::100]}


def dumps(value: object) -> bytes:
    """The wire form: compact UTF-8 JSON, what is outside ASCII not escaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def fresh(made: list[Item]) -> list[Item]:
    """A copy as a JSON parser hands it over: every text an object of its own, names shared within one item."""
    return [json.loads(dumps(item)) for item in made]


def _text(value: str) -> AttributeValue:
    return {"S": value}


def _number(value: object) -> AttributeValue:
    return {"N": str(value)}


def _boolean(value: object) -> AttributeValue:
    return {"BOOL": bool(value)}


def _null() -> AttributeValue:
    return {"NULL": True}


def _map(members: Item) -> AttributeValue:
    return {"M": members}


def _uuid(r: random.Random) -> str:
    return str(uuid.UUID(int=r.getrandbits(128), version=4))


def _time(r: random.Random) -> str:
    date = f"20{r.randint(18, 25):02d}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"
    clock = f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}:{r.randint(0, 59):02d}.{r.randint(0, 999):03d}"
    return f"{date}T{clock}Z"


def _money(r: random.Random, most: int = 2000) -> str:
    return f"{r.randint(0, most)}.{r.randint(1, 99):02d}"


def _user(r: random.Random) -> Item:
    first, last = r.choice(_FIRST), r.choice(_LAST)
    return {
        "pk": _text("USER#" + _uuid(r)),
        "email": _text(f"{first.lower()}.{last.lower()}{r.randint(1, 999)}@example.com"),
        "name": _text(first + " " + last),
        "status": _text(r.choice(["ACTIVE", "SUSPENDED", "PENDING"])),
        "created_at": _text(_time(r)),
        "updated_at": _number(1_600_000_000_000 + r.randint(0, 10**11)),
        "age": _number(r.randint(18, 90)),
        "login_count": _number(r.randint(0, 5000)),
        "balance": _number(_money(r)),
        "is_active": _boolean(r.random() < 0.8),
        "email_verified": _boolean(r.random() < 0.6),
        "deleted_at": _null(),
    }


def _order(r: random.Random) -> Item:
    return {
        "order_id": _text("ORDER#" + _uuid(r)),
        "customer": _customer(r),
        "lines": {"L": [_line(r) for _ in range(5)]},
        "tags": {"SS": r.sample(_WORDS, 4)},
        "coupon_ids": {"NS": [str(coupon) for coupon in r.sample(range(1000, 99999), 3)]},
        "totals": _totals(r),
        "status": _text(r.choice(["NEW", "PAID", "SHIPPED", "DONE"])),
        "created_at": _text(_time(r)),
        "updated_at": _text(_time(r)),
        "version": _number(r.randint(1, 40)),
        "notes": _null(),
        "paid": _boolean(r.random() < 0.7),
    }


def _customer(r: random.Random) -> AttributeValue:
    return _map(
        {
            "id": _text(_uuid(r)),
            "name": _text(r.choice(_FIRST) + " " + r.choice(_LAST)),
            "email": _text(f"c{r.randint(1, 99999)}@example.com"),
            "address": _map(
                {
                    "line1": _text(f"{r.randint(1, 999)} {r.choice(_WORDS)} street"),
                    "city": _text(r.choice(_CITIES)),
                    "zip": _text(f"{r.randint(0, 99999):05d}"),
                    "country": _text(r.choice(_COUNTRIES)),
                }
            ),
        }
    )


def _line(r: random.Random) -> AttributeValue:
    return _map(
        {
            "sku": _text(f"SKU-{r.randint(0, 999999):06d}"),
            "title": _text(" ".join(r.choice(_WORDS) for _ in range(r.randint(2, 5)))),
            "qty": _number(r.randint(1, 9)),
            "unit_price": _number(_money(r, 300)),
            "discount": _number(f"0.{r.randint(1, 50):02d}") if r.random() < 0.3 else _null(),
            "gift": _boolean(r.random() < 0.1),
        }
    )


def _totals(r: random.Random) -> AttributeValue:
    return _map(
        {
            "subtotal": _number(_money(r)),
            "tax": _number(_money(r, 300)),
            "shipping": _number(_money(r, 30)),
            "total": _number(_money(r, 3000)),
            "currency": _text(r.choice(["EUR", "USD", "JPY"])),
        }
    )


def _document(r: random.Random) -> Item:
    item = {
        "pk": _text("DOC#" + _uuid(r)),
        "rev": _number(r.randint(1, 99)),
        "size": _number(r.randint(1000, 99999)),
        "public": _boolean(True),
    }
    for position in range(36):
        prose = _prose(r, r.randint(700, 1450), escapes=position % 3 == 0)
        if position % 12 == 5:
            prose = prose[:500] + " été naïve 王芳 " + prose[500:]
        item[f"section_{position:02d}"] = _text(prose)
    return item


def _prose(r: random.Random, length: int, *, escapes: bool) -> str:
    words: list[str] = []
    size = 0
    while size < length:
        word = r.choice(_WORDS)
        if escapes and r.random() < 0.06:
            word = r.choice([f'"{word}"', word + "\n", word + "\t"])
        words.append(word)
        size += len(word) + 1
    return " ".join(words)[:length]


def _metrics(r: random.Random) -> Item:
    return {f"metric_{position:03d}": _number(_digits(r)) for position in range(200)}


def _digits(r: random.Random) -> str:
    share = r.random()
    sign = "-" if r.random() < 0.15 else ""
    if share < 0.45:
        return sign + str(r.randint(0, 10 ** r.randint(1, 9)))
    if share < 0.60:
        return str(1_600_000_000_000 + r.randint(0, 10**11))
    if share < 0.90:
        whole, places = r.randint(0, 99999), r.randint(1, 6)
        return f"{sign}{whole}.{r.randint(1, 10**places - 1):0{places}d}"
    return sign + _38_digits(r)


def _38_digits(r: random.Random) -> str:
    digits = str(r.randint(1, 9)) + "".join(str(r.randint(0, 9)) for _ in range(36)) + str(r.randint(1, 9))
    if r.random() < 0.5:
        return digits
    point = r.randint(1, 37)
    return digits[:point] + "." + digits[point:]


_MAKERS: dict[str, Callable[[random.Random], Item]] = {
    "a_flat": _user,
    "b_nested": _order,
    "c_large": _document,
    "d_numbers": _metrics,
}


def _record(r: random.Random, name: str, position: int) -> dict[str, Any]:
    old, new = _MAKERS[name](r), _MAKERS[name](r)
    key = _KEY[name]
    new[key] = old[key]
    return _change(r, position, old, new, key)


def _change(r: random.Random, position: int, old: Item, new: Item, key: str = "order_id") -> dict[str, Any]:
    return {
        "eventID": f"{r.getrandbits(128):032x}",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000 + position,
            "Keys": {key: old[key]},
            "NewImage": new,
            "OldImage": old,
            "SequenceNumber": str(10**20 + r.getrandbits(60)),
            "SizeBytes": r.randint(200, 4000),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/T/stream/2024-01-01T00:00:00.000",
    }


def _update(r: random.Random, position: int) -> tuple[Item, Item]:
    old = _order(r) | {
        "channel": _text(r.choice(["web", "app", "shop"])),
        "warehouse": _text(f"WH-{r.randint(1, 40):02d}"),
        "weight_kg": _number(f"{r.randint(0, 30)}.{r.randint(1, 9)}"),
        "priority": _number(r.randint(0, 5)),
        "delivery_note": _text(" ".join(r.choice(_WORDS) for _ in range(12))),
        "expires_at": _number(1_700_000_000 + r.randint(0, 10**7)),
    }
    new: Item = json.loads(json.dumps(old))
    for edit in r.sample(_EDITS, r.choice([1, 2, 2, 3])):
        edit(r, new)
    if position % 5 == 0:
        new["priority"] = _number(new["priority"]["N"] + ".0")
    if position % 7 == 0:
        new["tags"]["SS"].reverse()
    return old, new


def _edit_status(r: random.Random, item: Item) -> None:
    item["status"] = _text(r.choice([other for other in ("NEW", "PAID", "DONE") if other != item["status"]["S"]]))


def _edit_time(r: random.Random, item: Item) -> None:
    item["updated_at"] = _text(_time(r))


def _edit_version(_: random.Random, item: Item) -> None:
    item["version"] = _number(int(item["version"]["N"]) + 1)


def _edit_quantity(r: random.Random, item: Item) -> None:
    line = r.choice(item["lines"]["L"])["M"]
    line["qty"] = _number(int(line["qty"]["N"]) + 1)


def _edit_total(r: random.Random, item: Item) -> None:
    item["totals"]["M"]["total"] = _number(_money(r, 3000))


def _edit_city(r: random.Random, item: Item) -> None:
    address = item["customer"]["M"]["address"]["M"]
    address["city"] = _text(r.choice([city for city in _CITIES if city != address["city"]["S"]]))


_EDITS = [_edit_status, _edit_time, _edit_version, _edit_quantity, _edit_total, _edit_city]
