"""A piece of HTML, read as a browser reads it, for tests without one."""

from html.parser import HTMLParser

VOID = {"path", "rect", "circle", "br", "img", "meta", "link"}


class Read(HTMLParser):
    """A piece of HTML as elements and text; fails where an element is not closed by its own end.

    Attributes:
        elements: Every element's name and attributes, in order.
        text: All text.
    """

    def __init__(self, piece: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(piece)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str]]:
        """The attributes of the elements with that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def classed(self, name: str) -> list[dict[str, str]]:
        """The attributes of the elements with that class."""
        return [each for _, each in self.elements if name in each.get("class", "").split()]
