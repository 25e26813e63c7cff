"""What the shop wants of its orders: the part of the demo that any shop would write, whoever reads the records."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    Order = dict[str, Any]

__all__ = ["ACTOR", "search_text", "wrong_total"]

ACTOR = "updated_by"


def wrong_total(order: Order) -> str | None:
    """Why the total of an order cannot be right; None when it is.

    Args:
        order: the item as Python values.

    Returns:
        The reason in words.
    """
    totals = order["totals"]
    due = sum(map(_line_total, order["lines"])) + totals["shipping"] + totals["tax"]
    return None if totals["total"] == due else f"the total is {totals['total']}, its parts add up to {due}"


def _line_total(line: dict[str, Any]) -> Decimal:
    total: Decimal = line["qty"] * (line["price"] - (line["discount"] or 0))
    return total


def search_text(order: Order) -> str:
    """The words by which support staff look for an order.

    Args:
        order: the item as Python values.

    Returns:
        The text to index.
    """
    customer = order["customer"]
    return "\n".join(
        [
            customer["name"],
            customer["address"]["city"],
            order["status"],
            *(line["title"] for line in order["lines"]),
            *sorted(order.get("tags", ())),
            order["note"] or "",
        ]
    )
