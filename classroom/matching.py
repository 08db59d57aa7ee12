"""Which cell of a submitted notebook is which of the released one, and the notebook put together as it should be.

How a cell is recognised, in this order:

1. its nbgrader ``grade_id``, whatever the schema of the metadata around it. It is overruled only where it contradicts
   the rest: a cell that holds, word for word, another locked cell has had its id swapped, and so has an answer whose
   functions, or whose cell id and text, are another answer's;
2. its cell id, as released (Colab keeps it in ``metadata.id``);
3. its text, if that is as released, or at least half of it is, or if it defines the functions of the released stub;
4. its place: an answer without a name of its own, in the gap between two cells that were recognised.

Of several cells that claim to be the same one, those with the strongest sign count. Among them it is the last that
differs from the stub (for a locked cell: that equals the released text), else the last, as in nbgrader's
DeduplicateIds. The others stay in place as ordinary cells, unless they only repeat the released text.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from classroom.assignment import graded
from classroom.model import Json, Notebook
from classroom.submission import printable

DEFINES = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)


def asked_for(stubs: Iterable[str]) -> frozenset[str]:
    """The functions and classes that an assignment asks for: those that the stubs of its answers define."""
    return frozenset(name for stub in stubs for name in DEFINES.findall(stub))


def asks(release: Json) -> frozenset[str]:
    """The functions and classes that a released notebook asks for."""
    answers = (cell for cell in release["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
    return asked_for(cell["source"] for cell in answers if cell["cell_type"] == "code")


# Below this share of its answer cells a notebook is not this assignment's, or too little of it to be marked unseen.
FEWEST_ANSWERS = 0.25
ALIKE = 0.5


class Unfit(Exception):
    """Why a file cannot be graded. ``intake`` makes it a Refused."""


def put_back(metadata: Json, due: Json, *names: str) -> None:
    """Gives ``metadata`` these entries of ``due``, and none of them where ``due`` has none."""
    for name in names:
        metadata.pop(name, None)
        if name in due:
            metadata[name] = due[name]


def _normal(text: str) -> str:
    """Text as compared: without blanks at the ends of lines and of the cell."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _lines(text: str) -> frozenset[str]:
    return frozenset(stripped for line in text.split("\n") if (stripped := line.strip()))


@dataclass(frozen=True)
class Slot:
    """A released cell: where submitted cells are to find their place."""

    index: int
    source: Json
    release: Json
    held: bool  # nbgrader has a hold on it
    text: str = field(init=False)
    lines: frozenset[str] = field(init=False)
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _normal(self.release["source"]))
        object.__setattr__(self, "lines", _lines(self.release["source"]))
        code = self.release["cell_type"] == "code"
        object.__setattr__(self, "names", frozenset(DEFINES.findall(self.release["source"])) if code else frozenset())

    @property
    def nbgrader(self) -> Json:
        return self.source["metadata"].get("nbgrader", {})

    @property
    def grade_id(self) -> str:
        return self.nbgrader.get("grade_id", "")

    @property
    def answer(self) -> bool:
        """Whether the student is to write here."""
        return self.held and bool(self.nbgrader.get("solution"))

    @property
    def locked(self) -> bool:
        return self.held and not self.answer


@dataclass(frozen=True)
class Claim:
    """That a submitted cell is a released one; ``by`` how: smaller is stronger."""

    slot: Slot
    by: int


ID, CELL, TEXT, PLACE = range(4)


class Matching:
    """Finds the released cell behind each submitted one, then puts the notebook together as it should be."""

    def __init__(self, notebook: Notebook, cells: list[Json]) -> None:
        self.cells = cells
        self.texts = [_normal(cell["source"]) for cell in cells]
        self.slots = [
            Slot(i, source, release, graded(source))
            for i, (source, release) in enumerate(zip(notebook.source["cells"], notebook.release["cells"], strict=True))
        ]
        self.by_grade_id = {slot.grade_id: slot for slot in self.slots if slot.grade_id}
        self.by_cell_id = {slot.release["id"]: slot for slot in self.slots}
        texts = Counter(slot.text for slot in self.slots)
        self.by_text = {slot.text: slot for slot in self.slots if slot.text and texts[slot.text] == 1}
        self.slot_of: dict[int, Claim] = {}  # submitted cell -> released one
        self.cell_of: dict[int, int] = {}  # released cell -> submitted one
        self.dropped: set[int] = set()
        self._defined: dict[int, frozenset[str]] = {}
        self.notes: list[str] = []
        self.numbers: list[int] = []  # of each cell that rebuild() gave: as submitted, from 1; 0 if it was put back

    def run(self) -> None:
        """Fills ``slot_of`` and ``cell_of``. Raises Unfit if this is not the assignment's notebook."""
        self.settle(self.claims())
        if any(slot.held and slot.index not in self.cell_of for slot in self.slots):
            self.by_likeness()
            self.by_place()
        self.say_how()
        answers = [slot for slot in self.slots if slot.answer]
        found = [slot for slot in answers if slot.index in self.cell_of]
        if answers and len(found) < max(1, FEWEST_ANSWERS * len(answers)):
            share = f"{len(found)} of the {len(answers)} cells for answers in this assignment"
            raise Unfit(f"the notebook has {share}: is it the right one?")
        if any(slot.held for slot in self.slots) and not any(self.slots[index].held for index in self.cell_of):
            raise Unfit("the notebook has no cell of this assignment: is it the right one?")

    # -- strong signs

    def nbgrader(self, i: int) -> Json:
        found = self.cells[i]["metadata"].get("nbgrader")
        return found if isinstance(found, dict) else {}

    def claims(self) -> Iterator[tuple[int, Claim]]:
        for i, cell in enumerate(self.cells):
            grade_id = self.nbgrader(i).get("grade_id")
            named = self.by_grade_id.get(grade_id) if isinstance(grade_id, str) else None
            cell_id = cell.get("id", cell["metadata"].get("id"))
            same_id = self.by_cell_id.get(cell_id) if isinstance(cell_id, str) else None
            same_text = self.by_text.get(self.texts[i])
            if named and named.held:
                other = self.swapped(i, named, same_id, same_text)
                if other:
                    self.notes.append(f"the cell with the id {named.grade_id!r} is {other.grade_id!r}: ids swapped")
                yield i, Claim(other or named, ID)
            elif same_text:
                yield i, Claim(same_text, CELL if same_text is same_id else TEXT)
            elif same_id:
                yield i, Claim(same_id, CELL)

    def swapped(self, i: int, named: Slot, same_id: Slot | None, same_text: Slot | None) -> Slot | None:
        """The slot that this cell really is, if its grade_id contradicts everything else."""
        if named.locked:
            other = same_text if same_text and same_text.locked else None
            return other if other not in (None, named) and same_id is not named else None
        others = [slot for slot in self.slots if slot.answer and slot.names and slot is not named]
        defined = self.defined(i)
        others = [slot for slot in others if slot.names <= defined]
        if named.names and not named.names & defined and len(others) == 1 and same_id is not named:
            return others[0]
        if same_id and same_id.answer and same_id is not named and self.alike(i, same_id) > self.alike(i, named):
            return same_id
        return None

    def settle(self, claims: Iterable[tuple[int, Claim]]) -> None:
        """Gives every slot to one of its claimants."""
        claimants: dict[int, list[tuple[int, Claim]]] = defaultdict(list)
        for i, claim in claims:
            claimants[claim.slot.index].append((i, claim))
        for index, several in claimants.items():
            slot = self.slots[index]
            strongest = min(claim.by for _, claim in several)
            equals = [i for i, claim in several if claim.by == strongest]
            as_released = [i for i in equals if self.texts[i] == slot.text]
            preferred = [i for i in equals if i not in as_released] if slot.answer else as_released
            kept = (preferred or equals)[-1]
            self.take(kept, Claim(slot, strongest))
            if slot.held and len(equals) > 1:
                self.dropped |= set(as_released) - {kept}
                only = "the one that was worked on" if slot.answer else "the one that is as released"
                which = only if len(preferred) == 1 else "the last"
                self.notes.append(f"{len(equals)} cells were {slot.grade_id!r}: {which} counts")

    def take(self, i: int, claim: Claim) -> None:
        self.slot_of[i] = claim
        self.cell_of[claim.slot.index] = i

    # -- weak signs, for what is still open

    def open(self) -> tuple[list[int], list[Slot]]:
        free = [i for i in range(len(self.cells)) if i not in self.slot_of and i not in self.dropped and self.texts[i]]
        return free, [slot for slot in self.slots if slot.held and slot.index not in self.cell_of]

    def defined(self, i: int) -> frozenset[str]:
        """The functions and classes that a submitted cell defines."""
        if i not in self._defined:
            code = self.cells[i]["cell_type"] == "code"
            self._defined[i] = frozenset(DEFINES.findall(self.cells[i]["source"])) if code else frozenset()
        return self._defined[i]

    def alike(self, i: int, slot: Slot, mine: frozenset[str] | None = None) -> float:
        """0 to 1: for an answer the share of the stub that is left in it, for a locked cell of lines in common."""
        if self.cells[i]["cell_type"] != slot.release["cell_type"] or not slot.lines:
            return 0.0
        mine = _lines(self.cells[i]["source"]) if mine is None else mine
        common = len(mine & slot.lines)
        if slot.locked:
            return 2 * common / (len(mine) + len(slot.lines))
        return max(common / len(slot.lines), 0.9 if slot.names and slot.names <= self.defined(i) else 0.0)

    def by_likeness(self) -> None:
        free, slots = self.open()
        pairs = []
        for i in free:
            mine = _lines(self.cells[i]["source"])  # cut once a cell, not once a slot
            for slot in slots:
                if (share := self.alike(i, slot, mine)) >= ALIKE:
                    pairs.append((-share, abs(i - slot.index), i, slot.index))
        for _, _, i, index in sorted(pairs):
            if i not in self.slot_of and index not in self.cell_of:
                self.take(i, Claim(self.slots[index], TEXT))

    def by_place(self) -> None:
        """An answer whose stub had no words of its own is the cell between its recognised neighbours."""
        free, slots = self.open()
        for slot in (slot for slot in slots if slot.answer):
            neighbours = [k for k in (slot.index - 1, slot.index + 1) if k in self.cell_of]
            if not neighbours:
                continue
            before = max((self.cell_of[k] for k in self.cell_of if k < slot.index), default=-1)
            after = min((self.cell_of[k] for k in self.cell_of if k > slot.index), default=len(self.cells))
            for i in free:
                if (
                    before < i < after
                    and i not in self.slot_of
                    and self.cells[i]["cell_type"] == slot.release["cell_type"]
                    and (not slot.names or slot.names & self.defined(i))
                ):
                    self.take(i, Claim(slot, PLACE))
                    break

    # -- what to tell

    def say_how(self) -> None:
        """Notes on metadata that were lost, old or changed."""
        ways: Counter[int] = Counter()
        schemas: Counter[str] = Counter()
        for i, claim in sorted(self.slot_of.items()):
            if not claim.slot.held:
                continue
            found, due = self.nbgrader(i), claim.slot.nbgrader
            if claim.by != ID:
                ways[claim.by] += 1
                continue
            if found.get("grade_id") != claim.slot.grade_id:
                continue  # swapped: said already
            schema = found.get("schema_version", 0)
            if schema != due.get("schema_version") or isinstance(schema, bool):
                schemas[printable(str(schema), 20)] += 1
                continue
            changed = [
                key
                for key in ("grade", "locked", "points", "solution", "task")
                if (found.get(key) or False) != (due.get(key) or False)
            ]
            if changed:
                self.notes.append(f"{claim.slot.grade_id!r}: settings put back: {', '.join(changed)}")
        if ways:
            words = {CELL: "cell id", TEXT: "text", PLACE: "place"}
            how = ", ".join(f"{n} by {words[way]}" for way, n in sorted(ways.items()))
            self.notes.append(f"nbgrader metadata was missing; cells were recognised: {how}")
        for schema, n in sorted(schemas.items()):
            self.notes.append(f"nbgrader metadata of schema {schema} was replaced in {n} cells")

    # -- the notebook as it should be

    def rebuild(self) -> list[Json]:
        """The cells in the student's order, those that nbgrader holds restored, those deleted put back."""
        placed: list[tuple[Json, int, int]] = []  # cell, index of its slot or -1, number
        for i in range(len(self.cells)):
            if i in self.dropped:
                continue
            claim = self.slot_of.get(i)
            if claim and claim.slot.held:
                placed.append((self.restore(i, claim.slot), claim.slot.index, i + 1))
            else:
                placed.append((self.ordinary(i), claim.slot.index if claim else -1, i + 1))
        for slot in self.slots:
            if slot.held and slot.index not in self.cell_of and not self.elsewhere(slot):
                placed.insert(self.gap(placed, slot), (json.loads(json.dumps(slot.source)), slot.index, 0))
                what = "put back, unanswered" if slot.answer else "put back"
                self.notes.append(f"the cell {slot.grade_id!r} was deleted: {what}")
        self.numbers = [number for _, _, number in placed]
        return [cell for cell, _, _ in placed]

    def restore(self, i: int, slot: Slot) -> Json:
        """A cell as nbgrader's OverwriteCells leaves it: type, settings and, if locked, text from the source."""
        cell, due = self.cells[i], slot.source
        if cell["cell_type"] != due["cell_type"]:
            self.notes.append(f"{slot.grade_id!r}: made {due['cell_type']} again, from {cell['cell_type']}")
        metadata = dict(cell["metadata"])
        if "nbgrader" not in metadata:
            metadata = {**slot.release["metadata"], **metadata}
        metadata["nbgrader"] = dict(slot.nbgrader)
        if slot.locked:  # a tag can say that a cell is not to be run
            put_back(metadata, due["metadata"], "tags")
        if slot.locked and self.texts[i] != slot.text:
            self.notes.append(f"{slot.grade_id!r}: a locked cell was edited; its text was put back")
        restored = {"cell_type": due["cell_type"], "metadata": metadata}
        restored["source"] = due["source"] if slot.locked else cell["source"]
        restored |= {"id": cell["id"]} if "id" in cell else {"id": slot.release["id"]}
        if due["cell_type"] == "code":
            restored |= {"execution_count": None, "outputs": []}
        elif "attachments" in cell:
            restored["attachments"] = cell["attachments"]
        return restored

    def ordinary(self, i: int) -> Json:
        """A cell that nbgrader has no hold on: without nbgrader's metadata, unless it was released with some."""
        cell = dict(self.cells[i])
        if "nbgrader" in cell["metadata"]:
            grade_id = self.nbgrader(i).get("grade_id")
            slot = self.by_grade_id.get(grade_id) if isinstance(grade_id, str) else None
            metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
            if slot and not slot.held:
                # As nbgrader does with a cell that is not in the gradebook.
                metadata["nbgrader"] = {key: value for key, value in slot.nbgrader.items() if key != "grade_id"}
            elif slot is None and grade_id is not None:
                self.notes.append(f"the id {printable(str(grade_id), 60)!r} is not in this assignment: not graded")
            cell["metadata"] = metadata
        return cell

    def elsewhere(self, slot: Slot) -> bool:
        """Whether the student wrote this answer into another cell: a stub put back would undo it."""
        if not slot.answer or not slot.names or slot.nbgrader.get("grade"):
            return False
        for i in range(len(self.cells)):
            claim = self.slot_of.get(i)
            if i not in self.dropped and not (claim and claim.slot.locked) and slot.names & self.defined(i):
                self.notes.append(f"the cell {slot.grade_id!r} was deleted; cell {i + 1} has its answer")
                return True
        return False

    def gap(self, placed: list[tuple[Json, int, int]], slot: Slot) -> int:
        """Where a deleted cell goes: after the nearest released cell above it, else before the nearest below."""
        where = {index: position for position, (_, index, _) in enumerate(placed) if index >= 0}
        if earlier := [index for index in where if index < slot.index]:
            return where[max(earlier)] + 1
        if later := [index for index in where if index > slot.index]:
            return where[min(later)]
        return len(placed)
