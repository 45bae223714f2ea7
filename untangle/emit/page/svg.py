"""A picture as SVG: no script, no style of its own, readable by a screen reader and in print.

Shapes carry classes that the page's style sheet colours. Every node and edge names its hops in `data-keys`, so that the
page can show one node's neighbours; the tab order is the order of the chain.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from untangle.emit.markup import Html, join, tag, visible
from untangle.emit.page.drawing import Edge, Node, Picture
from untangle.emit.page.layout import Box, Layout, Place, Point, layout

MOST_LETTERS = 34
PAGE, LEAST = 980.0, 0.62  # a wider drawing is made smaller to fit the page, while its words can be read
_HEIGHTS = {"function": 40.0, "channel": 26.0, "trigger": 30.0, "group": 40.0}
_SIZES = {"function": 13.0, "channel": 12.0, "trigger": 11.5, "group": 13.0}
_ARROW = 7.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG element and its width in pixels."""

    markup: Html
    width: float


def svg(drawn: Picture, label: str) -> Drawing:
    """The drawing; `label` says what it shows to those who do not see it."""
    boxes = [Box(id=node.id, width=_width(node), height=_HEIGHTS[node.kind]) for node in drawn.nodes]
    found = layout(boxes, [(edge.source, edge.target) for edge in drawn.edges])
    nodes = sorted(drawn.nodes, key=lambda node: (found.places[node.id].layer, found.places[node.id].x))
    edges = [
        _edge(edge, points, index in found.backward, (found.places[edge.source].x, found.places[edge.target].x))
        for index, (edge, points) in enumerate(zip(drawn.edges, found.routes, strict=True))
    ]
    size = _reach(found, drawn)
    scale = 1.0 if size <= PAGE else max(PAGE / size, LEAST)
    markup = tag(
        "svg",
        join(edges),
        join(_node(node, found.places[node.id]) for node in nodes),
        class_="graph",
        role="graphics-document document",
        aria_label=label,
        viewBox=f"0 0 {size:.0f} {found.height:.0f}",
        width=f"{size * scale:.0f}",
        height=f"{found.height * scale:.0f}",
    )
    return Drawing(markup, size)


def _reach(found: Layout, drawn: Picture) -> float:
    """The width, marks beside the edges included."""
    ends = (points[-1][0] + _measure(edge.end, 10) + 12 for edge, points in zip(drawn.edges, found.routes, strict=True))
    bends = (point[0] + 12 for points in found.routes for point in points)
    return max(found.width, *ends, *bends, 0.0) if drawn.edges else found.width


def _measure(text: str, size: float) -> float:
    """A generous estimate of a text's width: no font is at hand."""
    wide = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.7 if letter.isupper() else 0.6 for letter in text)
    return wide * size


def _shown(label: str) -> str:
    """A label cut in its middle, where names differ least."""
    text = visible(label)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS * 2 // 3]}…{text[-(MOST_LETTERS // 3) :]}"


def _width(node: Node) -> float:
    size = _SIZES[node.kind]
    if node.kind == "channel":
        return _measure(_type(node), 10) + (_measure(_shown(node.label), size) + 8 if node.label else 0) + 24
    if node.kind == "trigger":
        return _measure(_shown(node.label), size) + 8
    return max(_measure(_shown(node.label), size) + 34, 96.0)


def _type(node: Node) -> str:
    return node.type.replace("_", " ")


def _node(node: Node, place: Place) -> Html:
    width, height = _width(node), _HEIGHTS[node.kind]
    left, top = place.x - width / 2, place.y - height / 2
    shape = {"channel": _pill, "trigger": _disc}.get(node.kind, _box)
    return tag(
        "g",
        tag("title", node.title),
        shape(node, left, top, width, height),
        class_=f"node {node.kind}" + (f" {family(node.type)}" if node.type else ""),
        role="graphics-symbol img",
        tabindex="0" if node.kind in ("function", "group", "channel") else None,
        aria_label=node.title,
        data_keys=" ".join(node.keys),
        data_name=node.label or node.type,
    )


def family(type_: str) -> str:
    """The class by which the style sheet colours a channel of this type."""
    return {
        "sqs": "queue",
        "sns": "topic",
        "eventbridge": "bus",
        "scheduler": "bus",
        "s3": "store",
        "dynamodb_stream": "stream",
        "kinesis": "stream",
        "lambda_invoke": "call",
        "create_schedule": "call",
        "lambda_destination": "call",
    }.get(type_, "other")


def _box(node: Node, left: float, top: float, width: float, height: float) -> Html:
    parts = [tag("rect", x=_n(left), y=_n(top), width=_n(width), height=_n(height), rx="9")]
    if node.kind == "group":
        parts.insert(0, tag("rect", x=_n(left + 4), y=_n(top + 4), width=_n(width), height=_n(height), rx="9", class_="behind"))
    sign = tag("tspan", "λ" if node.kind == "function" else "⋯", class_="sign", aria_hidden="true")
    name = tag("tspan", _shown(node.label), dx="7")
    return join([*parts, tag("text", sign, name, x=_n(left + width / 2), y=_n(top + height / 2 + 4.5))])


def _pill(node: Node, left: float, top: float, width: float, height: float) -> Html:
    # One run of text, centred: whatever font there is, type and name cannot overlap.
    kind = tag("tspan", _type(node), class_="type")
    name = tag("tspan", _shown(node.label), dx="6") if node.label else ""
    text = tag("text", kind, name, x=_n(left + width / 2), y=_n(top + height / 2 + 4))
    return join([tag("rect", x=_n(left), y=_n(top), width=_n(width), height=_n(height), rx=_n(height / 2)), text])


def _disc(node: Node, left: float, top: float, width: float, height: float) -> Html:
    x = _n(left + width / 2)
    return join([tag("text", _shown(node.label), x=x, y=_n(top + 11)), tag("circle", cx=x, cy=_n(top + height - 6), r="5")])


def _edge(edge: Edge, points: tuple[Point, ...], backward: bool, middles: tuple[float, float]) -> Html:
    level = edge.confidence.value if edge.confidence else "entry"
    end = points[-1]
    down = end[1] >= points[-2][1]
    tip = -_ARROW if down else _ARROW
    parts = [
        tag("path", d=_path((*points[:-1], (end[0], end[1] + tip * 0.7))), class_="line"),
        tag("path", d=f"M{_n(end[0])} {_n(end[1])}l{_n(-_ARROW / 2)} {_n(tip)}h{_n(_ARROW)}z", class_="tip"),
    ]
    if edge.start:
        parts.append(_mark(edge.start, points[0][0], points[0][1] + (14 if down else -8), left=points[0][0] <= middles[0]))
    if edge.end:
        parts.append(_mark(edge.end, end[0], end[1] + (-11 if down else 17), left=end[0] < middles[1]))
    return tag("g", join(parts), class_=f"edge {level}" + (" back" if backward else ""), data_keys=" ".join(edge.keys))


def _mark(text: str, x: float, y: float, *, left: bool) -> Html:
    """A word beside an edge, on the side away from the middle of its box."""
    return tag("text", text, x=_n(x - 6 if left else x + 6), y=_n(y), class_="mark left" if left else "mark")


def _path(points: tuple[Point, ...]) -> str:
    """Straight where it can be, else curves that leave and arrive upright."""
    first, *rest = points
    steps, (x, y) = [f"M{_n(first[0])} {_n(first[1])}"], first
    for to_x, to_y in rest:
        middle = (y + to_y) / 2
        straight = abs(x - to_x) < 0.5
        steps.append(f"V{_n(to_y)}" if straight else f"C{_n(x)} {_n(middle)} {_n(to_x)} {_n(middle)} {_n(to_x)} {_n(to_y)}")
        x, y = (x if straight else to_x), to_y
    return "".join(steps)


def _n(value: float) -> str:
    """A coordinate with one decimal at most, never `-0`."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
