"""A picture of the graph: SVG, made without other programs."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from s2s_grad.tape.core import Tensor
from s2s_grad.tape.graph import Freed, Node, Pick
from s2s_grad.tape.user_lines import location
from s2s_grad.tape.value_tests import is_numeric, is_tuple

__all__ = ["Drawing", "draw"]

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 190, 58, 24, 44
_BOLD = ' font-weight="bold"'
_COLOURS = {"leaf": "#d5f0d5", "node": "#e4e9f2", "output": "#f7e0c8"}


@dataclass(frozen=True, slots=True)
class Box:
    """One node of the picture."""

    key: int
    kind: str
    lines: tuple[str, ...]
    below: tuple[int, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that shows itself in a notebook; `save` writes it to a file.

    Attributes
    ----------
    svg : str
        The picture.
    """

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg

    def save(self, path: str) -> None:
        """Write the picture to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg)


def draw(tensor: Tensor, names: dict[str, Tensor] | None = None) -> Drawing:
    """Return a picture of the graph that a tensor was computed by.

    Parameters
    ----------
    tensor : Tensor
        The result, drawn at the bottom.
    names : dict, optional
        Names of leaves.

    Returns
    -------
    Drawing
        With leaves, operations, shapes and what is saved. It shows itself in a notebook.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2, requires_grad=True)
    >>> tape.draw((x * x).sum(), {"x": x}).svg[:4]
    '<svg'
    """
    labels = {id(leaf): name for name, leaf in (names or {}).items()}
    boxes = _collect(tensor, labels)
    return Drawing(_picture(boxes))


def _collect(tensor: Tensor, labels: dict[int, str]) -> list[Box]:
    """Return the boxes, each after those that it was computed from."""
    if not tensor.requires_grad:
        return [Box(id(tensor), "leaf", ("constant", _shaped(tensor)), ())]
    root: Any = tensor.grad_fn or tensor
    reached: dict[int, Any] = {}
    stack = [root]
    while stack:
        item = stack.pop()
        if id(item) in reached:
            continue
        reached[id(item)] = item
        if isinstance(item, Node):
            stack.extend(_operands(item))
    leaves = [i for i in reached.values() if isinstance(i, Tensor)]
    nodes = sorted((i for i in reached.values() if isinstance(i, Node)), key=lambda n: n.seq)
    boxes = [
        Box(
            id(leaf),
            "leaf",
            (labels.get(id(leaf), f"leaf {i}"), _shaped(leaf)),
            (),
        )
        for i, leaf in enumerate(leaves)
    ]
    for node in nodes:
        below = tuple(id(item) for item in _operands(node))
        found = location(node.place)
        place = f"{found.file}:{found.line}: {found.text.strip()}" if found else ""
        boxes.append(
            Box(id(node), "output" if node is root else "node", _lines(node), below, place)
        )
    return boxes


def _operands(node: Node) -> list[Any]:
    return [
        edge.target if isinstance(edge, Pick) else edge for edge in node.edges if edge is not None
    ]


def _shaped(tensor: Any) -> str:
    return f"{tensor.dtype} {tuple(tensor.shape)}"


def _lines(node: Node) -> tuple[str, ...]:
    return (node.name(), f"{node.dtype} {node.shape}", _saved(node))


def _saved(node: Node) -> str:
    if isinstance(node.saved, Freed):
        return "saved: freed"
    if not is_tuple(node.saved) or not node.plan.slots:
        return "saves nothing"
    names = [
        name for name, value in zip(node.plan.slots, node.saved, strict=False) if is_numeric(value)
    ]
    return f"saves {', '.join(names)}" if names else "saves nothing"


# ---------------------------------------------------------------------------------------- layout


def _picture(boxes: list[Box]) -> str:
    layers: dict[int, int] = {}
    for box in boxes:
        layers[box.key] = 1 + max((layers[key] for key in box.below), default=-1)
    rows: dict[int, list[Box]] = {}
    for box in boxes:
        rows.setdefault(layers[box.key], []).append(box)
    centres = _centres(rows)
    width = int(max(x for x, _ in centres.values()) + _WIDTH / 2 + _GAP_X)
    height = (_HEIGHT + _GAP_Y) * len(rows) + _GAP_Y
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
    ]
    for box in boxes:
        x, y = centres[box.key]
        for key in dict.fromkeys(box.below):
            fx, fy = centres[key]
            parts.append(
                f'<path d="M{fx:.0f} {fy + _HEIGHT / 2:.0f}L{x:.0f} {y - _HEIGHT / 2:.0f}" '
                'stroke="#667" fill="none" marker-end="url(#arrow)"/>'
            )
    parts += [_box(box, *centres[box.key]) for box in boxes]
    return "\n".join([*parts, "</svg>"])


def _centres(rows: dict[int, list[Box]]) -> dict[int, tuple[float, float]]:
    """Return the middle of each box: rows from the top, each sorted by where its operands are."""
    centres: dict[int, tuple[float, float]] = {}
    for row in sorted(rows):
        items = sorted(
            enumerate(rows[row]),
            key=lambda pair: (
                sum(centres[k][0] for k in pair[1].below) / len(pair[1].below)
                if pair[1].below
                else pair[0] * (_WIDTH + _GAP_X),
                pair[0],
            ),
        )
        right = 0.0
        for _, box in items:
            below = [centres[key][0] for key in box.below]
            wish = sum(below) / len(below) if below else 0.0
            x = max(right + _GAP_X + _WIDTH / 2, wish)
            centres[box.key] = (x, _GAP_Y + _HEIGHT / 2 + row * (_HEIGHT + _GAP_Y))
            right = x + _WIDTH / 2
    return centres


def _box(box: Box, x: float, y: float) -> str:
    left, top = x - _WIDTH / 2, y - _HEIGHT / 2
    text = "".join(
        f'<text x="{x:.0f}" y="{top + 17 + 16 * i:.0f}" text-anchor="middle"'
        f"{_BOLD if i == 0 else ''}>{escape(line)}</text>"
        for i, line in enumerate(box.lines)
    )
    title = f"<title>{escape(box.place)}</title>" if box.place else ""
    return (
        f'<g>{title}<rect x="{left:.0f}" y="{top:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" '
        f'fill="{_COLOURS[box.kind]}" stroke="#667"/>{text}</g>'
    )
