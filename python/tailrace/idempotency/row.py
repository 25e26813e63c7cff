"""The row of a record in a DynamoDB table: the requests that write it, and what is read of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    AttributeValues = dict[str, dict[str, Any]]

__all__ = ["DONE", "IN_PROGRESS", "OWN_ATTRIBUTES", "Columns", "State", "now_ms"]

DONE, IN_PROGRESS = "DONE", "IN_PROGRESS"
OWN_ATTRIBUTES = ("status", "owner", "in_progress_until_ms")

_ABSENT = "attribute_not_exists(#key) OR #ttl <= :now"
"""Time to Live deletes a row days after it has expired, at times: until then it counts as gone."""


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Columns:
    """Where rows are and how long they live; each method makes the arguments of one call of a boto3 client.

    The condition of a write also holds for a row of the same token: a client repeats a write whose answer was lost.
    """

    table_name: str
    name: str
    key_attribute: str
    ttl_attribute: str
    ttl_ms: float

    def key(self, key: str) -> AttributeValues:
        """The primary key: the name of the handler has no space in it, so two names never meet."""
        return {self.key_attribute: {"S": f"{self.name} {key}"}}

    def names(self) -> dict[str, str]:
        """The placeholders of attribute names."""
        return {"#key": self.key_attribute, "#ttl": self.ttl_attribute, "#status": "status"}

    def claim(self, key: str, token: str, until_ms: int, repeats: bool) -> dict[str, Any]:
        """PutItem of a claim, where there is no row; with ``repeats`` also where a claim has ended."""
        values = {":token": {"S": token}, ":now": _number(now_ms() // 1000)}
        condition = f"{_ABSENT} OR #owner = :token"
        names = self._written_names()
        if repeats:
            condition += " OR (#status = :in_progress AND #until <= :now_ms)"
            values |= {":in_progress": {"S": IN_PROGRESS}, ":now_ms": _number(now_ms())}
            names["#until"] = "in_progress_until_ms"
        row = {**self._row(key, IN_PROGRESS, token), "in_progress_until_ms": _number(until_ms)}
        return self._conditional(condition, names, values) | {"Item": row}

    def done(self, key: str, token: str) -> dict[str, Any]:
        """PutItem of a mark, where there is none."""
        values = {":token": {"S": token}, ":now": _number(now_ms() // 1000), ":done": {"S": DONE}}
        condition = f"{_ABSENT} OR #owner = :token OR #status <> :done"
        return self._conditional(condition, self._written_names() | {"#status": "status"}, values) | {
            "Item": self._row(key, DONE, token)
        }

    def done_claimed(self, key: str, token: str) -> dict[str, Any]:
        """UpdateItem that makes a mark of our claim."""
        values = {":token": {"S": token}, ":done": {"S": DONE}, ":ttl": self._expiry()}
        request = self._conditional("#owner = :token", {"#owner": "owner"}, values)
        request["ExpressionAttributeNames"] |= {"#status": "status", "#ttl": self.ttl_attribute}
        return request | {"Key": self.key(key), "UpdateExpression": "SET #status = :done, #ttl = :ttl"}

    def release(self, key: str, token: str) -> dict[str, Any]:
        """DeleteItem of our claim."""
        values = {":token": {"S": token}, ":in_progress": {"S": IN_PROGRESS}}
        request = self._conditional("#owner = :token AND #status = :in_progress", {"#owner": "owner"}, values)
        request["ExpressionAttributeNames"]["#status"] = "status"
        return request | {"Key": self.key(key)}

    def removal(self, key: str) -> dict[str, Any]:
        """DeleteItem of whatever row there is."""
        return {"TableName": self.table_name, "Key": self.key(key)}

    def _row(self, key: str, status: str, token: str) -> AttributeValues:
        return {
            **self.key(key),
            self.ttl_attribute: self._expiry(),
            "status": {"S": status},
            "owner": {"S": token},
        }

    def _expiry(self) -> dict[str, Any]:
        return _number(int((now_ms() + self.ttl_ms) / 1000) + 1)

    def _written_names(self) -> dict[str, str]:
        return self.names() | {"#owner": "owner"}

    def _conditional(
        self, condition: str, names: Mapping[str, str], values: Mapping[str, dict[str, Any]]
    ) -> dict[str, Any]:
        used = {name: attribute for name, attribute in names.items() if name in condition}
        return {
            "TableName": self.table_name,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": used,
            "ExpressionAttributeValues": dict(values),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


@dataclass(frozen=True)
class State:
    """What a row says of its record."""

    status: str
    expires_s: int
    in_progress_until_ms: int

    @classmethod
    def of(cls, row: Mapping[str, Mapping[str, Any]], columns: Columns) -> State:
        """Read a row as a client gives it, in attribute values; what it lacks says nothing."""
        return cls(
            str(row.get("status", {}).get("S", "")),
            int(row.get(columns.ttl_attribute, {}).get("N", 0)),
            int(row.get("in_progress_until_ms", {}).get("N", 0)),
        )

    @property
    def is_done(self) -> bool:
        """Whether the record was handled, and the mark has not expired."""
        return self.status == DONE and self.expires_s * 1000 > now_ms()


def _number(value: int) -> dict[str, Any]:
    return {"N": str(value)}
