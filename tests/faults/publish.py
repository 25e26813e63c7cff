"""SNS's PublishBatch: a form that numbers its entries, and an answer in XML.

Source: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

from tests.faults.batches import EntryError, answered
from tests.faults.exchange import Answer, Request

MEMBER = re.compile(r"PublishBatchRequestEntries\.member\.(\d+)\.(.+)")
SPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
NOTHING = f'<PublishBatchResponse xmlns="{SPACE}"><PublishBatchResult/></PublishBatchResponse>'


@dataclass(frozen=True)
class Publish:
    code: str

    def entries(self, request: Request) -> list[Any]:
        return list(self._members(request).values())

    def only(self, request: Request, positions: Sequence[int]) -> bytes:
        form = [(name, value) for name, value in self._form(request) if not MEMBER.fullmatch(name)]
        entries = self.entries(request)
        for number, position in enumerate(positions, 1):
            prefix = f"PublishBatchRequestEntries.member.{number}"
            form += [(f"{prefix}.{name}", value) for name, value in entries[position].items()]
        return urlencode(form).encode()

    def merged(
        self, request: Request, answer: Answer | None, sent: Sequence[int], errors: Mapping[int, EntryError]
    ) -> Answer:
        entries = self.entries(request)
        failed = {entries[position]["Id"]: error for position, error in errors.items()}
        told = ET.fromstring(answer.body if answer else NOTHING)  # noqa: S314 a server of ours
        for kind in ("Successful", "Failed"):
            self._drop(self._list(told, kind), set(failed))
        for name, error in failed.items():
            self._add(self._list(told, "Failed"), name, error)
        ET.register_namespace("", SPACE)
        return answered("text/xml", answer, ET.tostring(told))

    def _form(self, request: Request) -> list[tuple[str, str]]:
        return parse_qsl(request.content.decode(), keep_blank_values=True)

    def _members(self, request: Request) -> dict[int, dict[str, str]]:
        members: dict[int, dict[str, str]] = {}
        for name, value in self._form(request):
            if match := MEMBER.fullmatch(name):
                members.setdefault(int(match[1]), {})[match[2]] = value
        return dict(sorted(members.items()))

    def _list(self, told: ET.Element, kind: str) -> ET.Element:
        result = told.find(f"{{{SPACE}}}PublishBatchResult")
        assert result is not None
        found = result.find(f"{{{SPACE}}}{kind}")
        return ET.SubElement(result, f"{{{SPACE}}}{kind}") if found is None else found

    def _drop(self, members: ET.Element, names: set[str]) -> None:
        for member in list(members):
            if member.findtext(f"{{{SPACE}}}Id") in names:
                members.remove(member)

    def _add(self, members: ET.Element, name: str, error: EntryError) -> None:
        member = ET.SubElement(members, f"{{{SPACE}}}member")
        fields = {"Id": name, "Code": error.code, "Message": error.message}
        for field, text in (fields | {"SenderFault": str(error.sender_fault).lower()}).items():
            ET.SubElement(member, f"{{{SPACE}}}{field}").text = text
