"""A shop's order table, simulated: every change of every order, in the order in which they happened.

The same seed gives the same changes; nothing else is random. Orders arrive, are edited, paid, packed, shipped,
delivered or cancelled, and leave the table by a delete or by Time to Live; a few come back under the same key.
Each change starts from exactly the item that the change before it left, as in a real table.
"""

from __future__ import annotations

import base64
import heapq
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random
    from typing import Any

    AttributeValue = dict[str, Any]
    Item = dict[str, AttributeValue]

__all__ = ["Change", "Shop"]

OPENING_TIME = 1_767_600_000  # Monday 2026-01-05, 08:00 UTC
SECONDS_BETWEEN_ORDERS = 25
CUSTOMER_COUNT = 2_000
FREE_SHIPPING_CENTS, SHIPPING_CENTS, TAX_PERCENT = 10_000, 490, 19
HOUR = 3_600

FIRST_NAMES = ("Ada", "Chloé", "Grace", "José", "Karl", "Lena", "Maria", "Nina", "Olu", "Wei", "Zoë", "芳")
LAST_NAMES = ("Dubois", "García", "Kim", "Müller", "Novák", "Okafor", "Silva", "Smith", "Tanaka", "Zhang")
CITIES = (("Berlin", "DE"), ("São Paulo", "BR"), ("大阪", "JP"), ("Leeds", "GB"), ("Austin", "US"), ("Lagos", "NG"))
PRODUCTS = (
    ("MUG-01", "Stoneware mug", 1450),
    ("TEA-07", "Darjeeling, first flush, 250 g", 2290),
    ("POT-03", "Cast iron teapot", 8900),
    ("LMP-11", "Desk lamp, brass", 12900),
    ("BKS-42", 'Atlas of rivers, 3rd "pocket" edition', 3500),
    ("PEN-02", "Fountain pen", 4999),
    ("INK-05", "Ink, midnight blue", 1099),
    ("BAG-08", "Canvas bag", 2700),
    ("CLK-09", "Wall clock", 6400),
    ("RUG-13", "Wool rug, 2 by 3 m", 34900),
)
NOTES = (
    "Fragile: ceramics. Please pack twice.",
    "Birthday present, no invoice inside.",
    "Leave at the door, the bell is broken.",
    "Ring twice; the dog is friendly.",
    "Deliver after 18:00\nor to the neighbour.",
    "Please use the side entrance.",
)
TAGS = ("b2b", "express", "fragile", "gift", "newsletter", "preorder", "vip")

# What may follow in which state of an order: (weight, step, least delay, greatest delay) in seconds.
STEPS: dict[str, Sequence[tuple[int, str, int, int]]] = {
    "NEW": ((30, "edit", 20, 900), (52, "pay", 60, 1_800), (8, "cancel", 120, HOUR), (10, "expire", HOUR, 6 * HOUR)),
    "PAID": ((84, "pack", 600, 4 * HOUR), (11, "annotate", 60, HOUR), (5, "cancel", 300, HOUR)),
    "PACKED": ((92, "ship", 300, 3 * HOUR), (8, "tag", 60, 600)),
    "SHIPPED": ((90, "deliver", HOUR, 12 * HOUR), (10, "annotate", 60, HOUR)),
    "DELIVERED": ((70, "archive", HOUR, 8 * HOUR), (22, "tag", 600, HOUR), (8, "send_back", HOUR, 6 * HOUR)),
    "RETURNED": ((100, "archive", HOUR, 2 * HOUR),),
    "CANCELLED": ((85, "expire", HOUR, 4 * HOUR), (15, "reopen", 60, HOUR)),
    "GONE": ((6, "place", HOUR, 6 * HOUR), (94, "", 0, 0)),
}


@dataclass(frozen=True)
class Change:
    """One change of one order: the items before and after it, in wire form.

    Args:
        event_name: INSERT, MODIFY or REMOVE.
        at: when, in seconds since 1970.
        keys: the primary key.
        old: the item before, or None.
        new: the item after, or None.
        expired: whether Time to Live removed it.
    """

    event_name: str
    at: int
    keys: Item
    old: Item | None
    new: Item | None
    expired: bool


@dataclass
class _Order:
    """An order as the shop knows it; ``item`` is None while it is not in the table."""

    keys: Item
    customer: AttributeValue
    item: Item | None = None

    @property
    def status(self) -> str:
        return "GONE" if self.item is None else str(self.item["status"]["S"])


class Shop:
    """Makes the changes of an order table, one after the other, for ever.

    Args:
        random: where all chance comes from.

    Example:
        >>> from random import Random
        >>> change = Shop(Random(1)).next_change()
        >>> change.event_name, change.old, change.new["status"]
        ('INSERT', None, {'S': 'NEW'})
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._agenda: list[tuple[int, int, _Order, str]] = []
        self._plan_count = 0
        self._order_count = 0
        self._customers: dict[int, AttributeValue] = {}
        self._plan(OPENING_TIME, self._new_order(), "open")

    def next_change(self, *, follow_up: bool = False, wrong_total: bool = False) -> Change:
        """The next change of the table.

        Args:
            follow_up: the same order is to change again within a second, without leaving the table.
            wrong_total: a job that bypasses the shop spoils the total; the follow-up puts it right. Has no
                effect on a delete.

        Returns:
            The change. Its items are shared with the changes around it: leave them as they are.
        """
        at, _, order, step = heapq.heappop(self._agenda)
        if step == "open":
            self._plan(at + 1 + int(self._random.expovariate(1 / SECONDS_BETWEEN_ORDERS)), self._new_order(), "open")
            step = "place"
        old = order.item
        new = getattr(self, f"_{step}")(order, at)
        if new is not None and wrong_total:
            new = self._spoil(new)
        order.item = new
        self._plan_next(order, at, follow_up and new is not None)
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        return Change(name, at, order.keys, old, new, step == "expire")

    # When: each order has at most one step on the agenda.

    def _plan(self, at: int, order: _Order, step: str) -> None:
        self._plan_count += 1
        heapq.heappush(self._agenda, (at, self._plan_count, order, step))

    def _plan_next(self, order: _Order, at: int, follow_up: bool) -> None:
        if follow_up:
            self._plan(at + 1, order, "correct")
            return
        steps = STEPS[order.status]
        ((_, step, least, most),) = self._random.choices(steps, [weight for weight, *_ in steps])
        if step:
            self._plan(at + self._random.randint(least, most), order, step)

    # Who and what.

    def _new_order(self) -> _Order:
        self._order_count += 1
        # Few customers place most orders.
        number = int(CUSTOMER_COUNT * self._random.random() ** 2)
        if number not in self._customers:
            self._customers[number] = self._new_customer(number)
        keys = {"customer_id": _text(f"C-{number:05d}"), "order_no": _number(1_000_000 + self._order_count)}
        return _Order(keys, self._customers[number])

    def _new_customer(self, number: int) -> AttributeValue:
        pick = self._random.choice
        city, country = pick(CITIES)
        return _map(
            name=_text(f"{pick(FIRST_NAMES)} {pick(LAST_NAMES)}"),
            email=_text(f"c{number}@example.com"),
            address=_map(zip=_text(f"{self._random.randrange(100_000):05d}"), city=_text(city), country=_text(country)),
        )

    def _line(self) -> AttributeValue:
        sku, title, price = self._random.choice(PRODUCTS)
        discount = _money(price // 10) if self._happens(0.2) else {"NULL": True}
        return _map(
            sku=_text(sku),
            title=_text(title),
            qty=_number(self._random.randint(1, 4)),
            price=_money(price),
            discount=discount,
        )

    def _note(self) -> AttributeValue:
        return _text(self._random.choice(NOTES))

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    # The steps: each gives the item after it.

    def _place(self, order: _Order, at: int) -> Item:
        chance = self._random
        lines = [self._line() for _ in range(chance.choice((1, 1, 2, 2, 3)))]
        item = {
            **order.keys,
            "status": _text("NEW"),
            "customer": order.customer,
            "lines": {"L": lines},
            "totals": _totals(lines),
            "paid": {"BOOL": False},
            "note": self._note() if self._happens(0.3) else {"NULL": True},
            "created_at": _number(at),
            "expires_at": _number(at + 7 * 24 * HOUR),
            "updated_by": _text("shop"),
            "version": _number(1),
        }
        if self._happens(0.6):
            item["tags"] = {"SS": sorted(chance.sample(TAGS, chance.randint(1, 3)))}
        if self._happens(0.15):
            item["coupon_nos"] = {"NS": [str(number) for number in chance.sample(range(1000, 10_000), 2)]}
        return item

    def _edit(self, order: _Order, at: int) -> Item:
        lines = list(_item(order)["lines"]["L"])
        if len(lines) > 1 and self._happens(0.4):
            del lines[self._random.randrange(len(lines))]
        else:
            lines.append(self._line())
        return self._changed(order, "customer", lines={"L": lines}, totals=_totals(lines))

    def _pay(self, order: _Order, at: int) -> Item:
        chance = self._random
        item = self._changed(
            order,
            "payments",
            status=_text("PAID"),
            paid={"BOOL": True},
            payment_ref=_number(chance.randrange(10**37, 10**38) | 1),
            receipt={"B": _binary(chance, 24)},
        )
        del item["expires_at"]
        return item

    def _annotate(self, order: _Order, at: int) -> Item:
        return self._changed(order, "support", note=self._note())

    def _correct(self, order: _Order, at: int) -> Item:
        return self._changed(order, "support", totals=_totals(_item(order)["lines"]["L"]), note=self._note())

    def _tag(self, order: _Order, at: int) -> Item:
        tags = set(_item(order).get("tags", {"SS": []})["SS"]) ^ {self._random.choice(TAGS)}
        item = self._changed(order, "marketing", tags={"SS": sorted(tags)})
        if not tags:
            del item["tags"]  # DynamoDB has no empty sets.
        return item

    def _pack(self, order: _Order, at: int) -> Item:
        return self._changed(order, "warehouse", status=_text("PACKED"))

    def _ship(self, order: _Order, at: int) -> Item:
        labels = [_binary(self._random, 12) for _ in range(self._random.choice((1, 1, 2)))]
        return self._changed(order, "warehouse", status=_text("SHIPPED"), labels={"BS": labels}, shipped_at=_number(at))

    def _deliver(self, order: _Order, at: int) -> Item:
        return self._changed(order, "carrier", status=_text("DELIVERED"), note={"NULL": True})

    def _send_back(self, order: _Order, at: int) -> Item:
        return self._changed(order, "customer", status=_text("RETURNED"), paid={"BOOL": False})

    def _cancel(self, order: _Order, at: int) -> Item:
        return self._changed(
            order,
            "support",
            status=_text("CANCELLED"),
            paid={"BOOL": False},
            expires_at=_number(at + HOUR),
            note=self._note(),
        )

    def _reopen(self, order: _Order, at: int) -> Item:
        return self._changed(order, "support", status=_text("NEW"), expires_at=_number(at + 7 * 24 * HOUR))

    def _archive(self, order: _Order, at: int) -> None:
        return None

    def _expire(self, order: _Order, at: int) -> None:
        return None

    def _changed(self, order: _Order, by: str, **attributes: AttributeValue) -> Item:
        item = _item(order)
        version = _number(int(item["version"]["N"]) + 1)
        return {**item, **attributes, "updated_by": _text(by), "version": version}

    def _spoil(self, item: Item) -> Item:
        wrong = {**item["totals"]["M"], "total": _money(-_cents(item["totals"]["M"]["total"]))}
        return {**item, "totals": {"M": wrong}, "updated_by": _text("migration-7")}


def _text(text: str) -> AttributeValue:
    return {"S": text}


def _number(number: int) -> AttributeValue:
    return {"N": str(number)}


def _map(**attributes: AttributeValue) -> AttributeValue:
    return {"M": attributes}


def _money(amount: int) -> AttributeValue:
    """An amount in cents as DynamoDB spells it: no trailing zeros."""
    text = f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"
    return {"N": text.rstrip("0").rstrip(".")}


def _cents(value: AttributeValue) -> int:
    whole, _, part = value["N"].partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def _totals(lines: Sequence[AttributeValue]) -> AttributeValue:
    """What an order costs: its lines, shipping, and tax rounded down to the cent."""
    goods = sum(_line_cents(line["M"]) for line in lines)
    shipping = 0 if goods >= FREE_SHIPPING_CENTS else SHIPPING_CENTS
    tax = (goods + shipping) * TAX_PERCENT // 100
    return _map(goods=_money(goods), shipping=_money(shipping), tax=_money(tax), total=_money(goods + shipping + tax))


def _line_cents(line: Item) -> int:
    discount = 0 if "NULL" in line["discount"] else _cents(line["discount"])
    return int(line["qty"]["N"]) * (_cents(line["price"]) - discount)


def _binary(random: Random, size_bytes: int) -> str:
    return base64.b64encode(random.randbytes(size_bytes)).decode("ascii")


def _item(order: _Order) -> Item:
    if order.item is None:
        raise LookupError(f"order {order.keys} is not in the table, and only a new one has this step")
    return order.item
