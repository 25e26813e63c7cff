"""The reader of pages is itself right: a block or a link that it missed would never be checked."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import anchors, blocks, links

PAGE = """# One & two: `three`

See [the map](docs/map.md#rooms) and [this](#one--two-three).

```python
x = 1  # [no](link.md)
```

<!-- not run: needs a table in AWS -->

```python
y = 2
```

````text
```python
z = 3
```
````
"""


def _page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    return page


def test_blocks_have_language_text_line_and_whether_they_run(tmp_path: Path) -> None:
    found = [(block.language, block.text, block.line, block.run) for block in blocks(_page(tmp_path))]
    assert found[:2] == [("python", "x = 1  # [no](link.md)\n", 6, True), ("python", "y = 2\n", 12, False)]
    assert [language for language, *_ in found] == ["python", "python", "text"]


def test_links_are_those_of_the_prose(tmp_path: Path) -> None:
    assert links(_page(tmp_path)) == ["docs/map.md#rooms", "#one--two-three"]


def test_anchors_are_the_headings_without_punctuation(tmp_path: Path) -> None:
    assert anchors(_page(tmp_path)) == {"one--two-three"}
