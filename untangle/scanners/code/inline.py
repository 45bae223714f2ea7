"""Code written inside a template: its text, and which line of the template each of its lines is."""

from __future__ import annotations

from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.value import Concat, Value, alternatives
from untangle.scanners.code.language import Entry, Handler, Located
from untangle.scanners.tree import Tree

PLACEHOLDER = "UNTANGLE_TEMPLATE_VALUE_{}_"


def inline_entry(asked: Handler, tree: Tree) -> Located:
    """The entry of `Code.ZipFile`. Values that the template puts into the text stand in it as placeholder names."""
    function = asked.function
    value = next((option for option, _ in alternatives(asked.inline)), None)
    place = function.at("Code", "ZipFile") or function.location
    if not isinstance(value, str | Concat) or place is None:
        return Gap(what=f"code of {function.address}", why="its inline text is not known", location=place)
    values: dict[str, Value] = {}
    text = ""
    for part in value.parts if isinstance(value, Concat) else (value,):
        if isinstance(part, str):
            text += part
        else:
            name = PLACEHOLDER.format(len(values))
            values[name] = part
            text += name
    line, fixed = _start(tree, place)
    return Entry(path=place.path, name=asked.name, text=text, line=line, fixed=fixed, values=values, roots=asked.layers)


def _start(tree: Tree, place: Location) -> tuple[int, bool]:
    """The line on which the text begins, and whether all of it stands there (a quoted text, a joined list)."""
    line = place.line or 1
    lines = (tree.text(place.path) or "").splitlines()
    for offset in (0, 1):  # the key's own line, or that of a function around it (`Fn::Sub: |`)
        at = line - 1 + offset
        written = lines[at].split(" #")[0].rstrip() if at < len(lines) else ""
        if written.rstrip("+-0123456789").endswith(("|", ">")):
            return line + offset + 1, False
    return line, True
