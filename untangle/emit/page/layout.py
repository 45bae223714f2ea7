"""A layered drawing of a directed graph, from top to bottom: who comes later stands lower.

The classical steps of Sugiyama, Tagawa and Toda (1981): turn back edges round, layer by longest path, order each layer
by barycentres, place by least squares (weighted isotonic regression keeps the order and the distances). Nothing here
recurses, draws or knows what a node means; the same input gives the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

GAP_X, GAP_Y, MARGIN = 26.0, 44.0, 14.0
_SWEEPS = 8
Point = tuple[float, float]
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What is to be placed."""

    id: str
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a box stands: its centre, and its layer counted from the top."""

    x: float
    y: float
    layer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`places` by box id; `routes` has the points of each edge, in the order of the edges and in their direction."""

    width: float
    height: float
    places: Mapping[str, Place]
    routes: tuple[tuple[Point, ...], ...]
    backward: frozenset[int]


def layout(boxes: Sequence[Box], edges: Sequence[Edge]) -> Layout:
    """Places boxes and routes edges. No edge may join a box to itself; the order of `boxes` says where to begin."""
    sizes = {box.id: box for box in boxes}
    backward = _backward([box.id for box in boxes], edges)
    forward = [(b, a) if index in backward else (a, b) for index, (a, b) in enumerate(edges)]
    layer_of = _layers([box.id for box in boxes], forward)
    grid = _Grid(sizes, layer_of, forward)
    grid.order()
    grid.place()
    return grid.layout(backward)


def span(boxes: Sequence[Box], edges: Sequence[Edge]) -> int:
    """How many layers all edges cross together: the cost of a layout."""
    backward = _backward([box.id for box in boxes], edges)
    forward = [(b, a) if index in backward else (a, b) for index, (a, b) in enumerate(edges)]
    layer_of = _layers([box.id for box in boxes], forward)
    return sum(layer_of[b] - layer_of[a] for a, b in forward)


def _backward(ids: Sequence[str], edges: Sequence[Edge]) -> frozenset[int]:
    """The edges that close a circle in a depth-first walk from the first box on."""
    onward: dict[str, list[tuple[int, str]]] = {id: [] for id in ids}
    for index, (a, b) in enumerate(edges):
        onward[a].append((index, b))
    closed, open_, found = set[str](), set[str](), set[int]()
    for start in ids:
        pending = [] if start in closed else [(start, iter(onward[start]))]
        open_.update({start} if pending else ())
        while pending:
            node, rest = pending[-1]
            for index, following in rest:
                if following in open_:
                    found.add(index)
                elif following not in closed:
                    open_.add(following)
                    pending.append((following, iter(onward[following])))
                    break
            else:
                pending.pop()
                open_.discard(node)
                closed.add(node)
    return frozenset(found)


def _layers(ids: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Longest way from a source; sources themselves stand just above the first that they reach."""
    onward: dict[str, list[str]] = {id: [] for id in ids}
    waiting = dict.fromkeys(ids, 0)
    for a, b in edges:
        onward[a].append(b)
        waiting[b] += 1
    sources = [id for id in ids if not waiting[id]]
    layer, ready = dict.fromkeys(ids, 0), list(sources)
    for node in ready:
        for following in onward[node]:
            layer[following] = max(layer[following], layer[node] + 1)
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    for node in sources:
        layer[node] = min((layer[following] for following in onward[node]), default=1) - 1
    return layer


class _Grid:
    """Layers of cells; a cell is a box or a bend of an edge that passes its layer. Cells are numbered."""

    def __init__(self, sizes: Mapping[str, Box], layer_of: Mapping[str, int], edges: Sequence[Edge]) -> None:
        self.sizes, self.edges = sizes, edges
        self.box_of: list[str | None] = list(sizes)
        self.layer: list[int] = [layer_of[id] for id in sizes]
        number = {id: index for index, id in enumerate(sizes)}
        self.above: list[list[int]] = [[] for _ in sizes]
        self.below: list[list[int]] = [[] for _ in sizes]
        self.ways = [self._way(number[a], number[b]) for a, b in edges]
        self.rows: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for cell in self._walk():
            self.rows[self.layer[cell]].append(cell)
        self.x = [0.0] * len(self.box_of)

    def _way(self, a: int, b: int) -> list[int]:
        """The cells of one edge from top to bottom, bends made on the way."""
        way = [a]
        for layer in range(self.layer[a] + 1, self.layer[b]):
            way.append(len(self.box_of))
            self.box_of.append(None)
            self.layer.append(layer)
            self.above.append([])
            self.below.append([])
        way.append(b)
        for upper, lower in pairwise(way):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        return way

    def _walk(self) -> list[int]:
        """All cells depth-first from the top: neighbours of one parent begin side by side."""
        seen: dict[int, None] = {}
        for start in range(len(self.box_of)):
            pending = [start] if not self.above[start] else []
            while pending:
                cell = pending.pop()
                if cell not in seen:
                    seen[cell] = None
                    pending.extend(reversed(self.below[cell]))
        return list(seen)

    def order(self) -> None:
        """Barycentre sweeps down and up; the order with the fewest crossings is kept."""
        best, fewest, idle = [list(row) for row in self.rows], self._crossings(), 0
        for sweep in range(_SWEEPS):
            rows = self.rows[1:] if sweep % 2 == 0 else self.rows[-2::-1]
            beside = self.above if sweep % 2 == 0 else self.below
            at = self._positions()
            for row in rows:
                weight = {cell: _mean([at[other] for other in beside[cell]], at[cell]) for cell in row}
                row.sort(key=lambda cell: (weight[cell], at[cell]))
                at |= {cell: float(index) for index, cell in enumerate(row)}
            crossings = self._crossings()
            idle = 0 if crossings < fewest else idle + 1
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
            if not fewest or idle > 2:
                break
        self.rows = best

    def _positions(self) -> dict[int, float]:
        return {cell: float(index) for row in self.rows for index, cell in enumerate(row)}

    def _crossings(self) -> int:
        at = self._positions()
        total = 0
        for upper, lower in pairwise(self.rows):
            ends = [int(at[other]) for cell in upper for other in sorted(self.below[cell], key=at.__getitem__)]
            total += _inversions(ends, len(lower))
        return total

    def place(self) -> None:
        """Cells as near to their neighbours as order and distance allow, in sweeps down, up and over both sides."""
        for row in self.rows:
            self._settle(row, [[] for _ in row])
        for sweep in range(_SWEEPS):
            rows = self.rows if sweep % 2 == 0 else self.rows[::-1]
            for row in rows:
                near = self.above if sweep % 2 == 0 else self.below
                beside = [near[cell] if sweep < _SWEEPS - 2 else self.above[cell] + self.below[cell] for cell in row]
                self._settle(row, beside)
        self._straighten()
        left = min((self.x[cell] - self._width(cell) / 2 for row in self.rows for cell in row), default=0.0)
        self.x = [x - left + MARGIN for x in self.x]

    def _straighten(self) -> None:
        """The bends of one edge, and boxes in single file, are drawn into one upright line where there is room for it."""
        at = {cell: index for row in self.rows for index, cell in enumerate(row)}
        for run in (*(way[1:-1] for way in self.ways), *self._files()):
            piece: list[int] = []
            low, high = -float("inf"), float("inf")
            for cell in run:
                left, right = self._room(self.rows[self.layer[cell]], at[cell])
                if max(low, left) > min(high, right):
                    self._line_up(piece, low, high)
                    piece, low, high = [], -float("inf"), float("inf")
                piece.append(cell)
                low, high = max(low, left), min(high, right)
            self._line_up(piece, low, high)

    def _line_up(self, piece: Sequence[int], low: float, high: float) -> None:
        """All cells of a piece to where most of them stand, within the room that they share."""
        if len(piece) > 1:
            middle = min(max(sorted(self.x[cell] for cell in piece)[len(piece) // 2], low), high)
            for cell in piece:
                self.x[cell] = middle

    def _files(self) -> list[list[int]]:
        """Boxes each of which has the next as its only box below, and is the only one above it."""
        below = [[other for other in cells if self.box_of[other] is not None] for cells in self.below]
        above = [[other for other in cells if self.box_of[other] is not None] for cells in self.above]
        follows = {cell: next_[0] for cell, next_ in enumerate(below) if len(next_) == 1 and len(above[next_[0]]) == 1}
        followers = frozenset(follows.values())
        heads = [cell for cell in follows if self.box_of[cell] is not None and cell not in followers]
        files = []
        for head in heads:
            files.append([head])
            while files[-1][-1] in follows:
                files[-1].append(follows[files[-1][-1]])
        return files

    def _room(self, row: Sequence[int], index: int) -> tuple[float, float]:
        """How far a cell may move to either side before it touches its neighbour's space."""
        cell = row[index]
        left = self.x[row[index - 1]] + self._distance(row[index - 1], cell) if index else -float("inf")
        right = self.x[row[index + 1]] - self._distance(cell, row[index + 1]) if index + 1 < len(row) else float("inf")
        return min(left, self.x[cell]), max(right, self.x[cell])

    def _distance(self, one: int, two: int) -> float:
        """The least distance of two neighbours' middles."""
        gap = GAP_X if self.box_of[one] is not None or self.box_of[two] is not None else GAP_X / 2
        return (self._width(one) + self._width(two)) / 2 + gap

    def _settle(self, row: list[int], beside: Sequence[Sequence[int]]) -> None:
        if not row:
            return
        offsets = [0.0]
        for one, two in pairwise(row):
            offsets.append(offsets[-1] + self._distance(one, two))
        wanted = [
            _mean([self.x[other] for other in near], self.x[cell]) - offset
            for cell, near, offset in zip(row, beside, offsets, strict=True)
        ]
        weights = [
            (0.1 if not near else 1.0) * (4.0 if self.box_of[cell] is None else 1.0)
            for cell, near in zip(row, beside, strict=True)
        ]
        for cell, value, offset in zip(row, _isotonic(wanted, weights), offsets, strict=True):
            self.x[cell] = value + offset

    def _width(self, cell: int) -> float:
        box = self.box_of[cell]
        return 0.0 if box is None else self.sizes[box].width

    def layout(self, backward: frozenset[int]) -> Layout:
        """The finished picture: layers as high as their highest box, edges tied to ports on the boxes."""
        heights = [max((self._height(cell) for cell in row), default=0.0) for row in self.rows]
        tops = [MARGIN]
        for height in heights:
            tops.append(tops[-1] + height + GAP_Y)
        middles = [top + height / 2 for top, height in zip(tops, heights, strict=False)]
        leaving = self._ports(0, 1)
        arriving = self._ports(-1, -2)
        routes = []
        for index, way in enumerate(self.ways):
            first, last = way[0], way[-1]
            points = [(leaving[index], middles[self.layer[first]] + self._height(first) / 2)]
            for cell in way[1:-1]:
                top = tops[self.layer[cell]]
                points += [(self.x[cell], top), (self.x[cell], top + heights[self.layer[cell]])]
            points.append((arriving[index], middles[self.layer[last]] - self._height(last) / 2))
            routes.append(tuple(reversed(points) if index in backward else points))
        places = {
            id: Place(x=self.x[cell], y=middles[self.layer[cell]], layer=self.layer[cell])
            for cell, id in enumerate(self.box_of)
            if id is not None
        }
        right = max((self.x[cell] + self._width(cell) / 2 for row in self.rows for cell in row), default=0.0)
        return Layout(
            width=right + MARGIN, height=tops[-1] - GAP_Y + MARGIN, places=places, routes=tuple(routes), backward=backward
        )

    def _height(self, cell: int) -> float:
        box = self.box_of[cell]
        return 0.0 if box is None else self.sizes[box].height

    def _ports(self, end: int, beside: int) -> dict[int, float]:
        """For each edge, where on the side of its box it is tied: side by side, in the order of where they go."""
        at_box: dict[int, list[int]] = {}
        for index, way in enumerate(self.ways):
            at_box.setdefault(way[end], []).append(index)
        ports: dict[int, float] = {}
        for cell, indexes in at_box.items():
            indexes.sort(key=lambda index: (self.x[self.ways[index][beside]], index))
            step = min(16.0, self._width(cell) * 0.8 / len(indexes))
            first = self.x[cell] - step * (len(indexes) - 1) / 2
            ports |= {index: first + step * number for number, index in enumerate(indexes)}
        return ports


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _inversions(values: Sequence[int], size: int) -> int:
    """Pairs out of order, by a Fenwick tree: the crossings between two layers."""
    tree, total = [0] * (size + 1), 0
    for seen, value in enumerate(values):
        index, before = value + 1, 0
        while index:
            before += tree[index]
            index -= index & -index
        total += seen - before
        index = value + 1
        while index <= size:
            tree[index] += 1
            index += index & -index
    return total


def _isotonic(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing values nearest to the wanted ones (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(wanted, weights, strict=True):
        count = 1
        while pools and pools[-1][0] > value:
            before, mass, size = pools.pop()
            value = (before * mass + value * weight) / (mass + weight)
            weight, count = weight + mass, count + size
        pools.append((value, weight, count))
    return [value for value, _, count in pools for _ in range(count)]
