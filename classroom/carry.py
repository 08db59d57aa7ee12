"""How values travel between the process of a student and that of the examiner: plain data, and nothing that runs.

A message is lines of JSON: what is said, then one line for each object that it speaks of; and, past a byte that is 0, the
bytes of long arrays, for which a digest stands in the lines. Whatever bytes arrive,
:meth:`Conversation.unpack` makes of them only what the table of :class:`Row` below can make: it imports nothing, looks up
nothing by a name that was sent, calls no constructor that the sender chose and runs no method of a class that is not
Python's or of the libraries named here. Sizes are bounded first. What has no row arrives as :class:`Opaque`.

Objects are a heap, not a tree: lists, tables, graphs and the like have a number and are written once, shallowly, so
aliases and cycles survive. A :class:`Conversation` remembers the numbers of the messages before, so that an answer can
mean an object of its question (``f(x) is x``), and the line of each, so that either side can tell what has changed.
"""

import binascii
import collections
import datetime
import decimal
import fractions
import functools
import hashlib
import json
import keyword
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

FRAME = 16 << 20  # bytes of a message
_LONG = 1 << 11  # bytes that do not stand in a line
_CELLS = 1 << 22  # elements of an array
_DEEP = 60  # tuples in tuples
_WORD = 1 << 62
_SIMPLE = frozenset((str, bool, type(None)))
_ATOMS = _SIMPLE | {int, float}
_PLAIN = {int: int.__int__, float: float.__float__, str: str.__str__}
_make_text = json.encoder.c_make_encoder(
    None, None, json.encoder.c_encode_basestring_ascii, None, ":", ",", False, False, False
)


class Broken(BaseException):
    """What arrived is no message of ours. Not an Exception: no test may take it for one that a student's function raised."""


class NotCarried(Exception):
    """This value has no row."""


class Opaque:
    """What could not be carried: it has the name of its class and its repr, and is equal to nothing but itself."""

    __slots__ = ("_said",)

    def __repr__(self) -> str:
        return self._said


@functools.lru_cache(1000)
def _opaque_kind(name: str) -> type:
    return type(name, (Opaque,), {"__slots__": ()})


class Row(NamedTuple):
    """How one kind of value travels. ``write`` gives a list of nodes, ``read`` makes the value of them.

    With ``make`` the value is first made empty and numbered, then filled by ``read``: it may hold itself. With ``change``
    (old, new) it can be changed in place: what a student's function did to an argument is done to the test's.
    """

    tag: str
    kind: str  # of the type: library and name
    write: Callable[["Conversation", Any], list[Any]]
    read: Callable[..., Any]
    shared: bool = True  # has a number
    change: Callable[[Any, Any], Any] | None = None
    make: Callable[[], Any] | None = None


def _direct(value: Any) -> bool:
    """Whether JSON says of an atom exactly what it is."""
    kind = type(value)
    return math.isfinite(value) if kind is float else kind is not int or -_WORD < value < _WORD


class Conversation:
    """A question, what is asked while it is answered, and its answer: all of it means the same objects by the same numbers.

    Both sides keep the objects in the same order, and of each the line that was last written of it. ``write`` gives the
    node of what only this side can handle (functions, iterators), or None; ``read`` makes something of such a node.
    """

    def __init__(
        self,
        write: Callable[[Any], list[Any] | None] = lambda value: None,
        read: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        self._write, self.read = write, read
        self.objects: list[Any] = []
        self.lines: list[str] = []
        self._numbers: dict[int, int] = {}
        self.strange: list[str] = []  # the kinds of what arrived as Opaque
        self.changes = 0  # that were told, by either side
        self._deep, self._blobs = 0, {}

    # -- writing

    def pack(self, *meta: Any, values: Iterable[Any] = ()) -> bytes:
        """A message with some values. Raises NotCarried if it is too large; then nothing has been said."""
        start, changes, blobs = len(self.objects), {}, {}
        try:
            nodes = [self.value(one) for one in values]
            for number, one in enumerate(self.objects[:start]):
                self._blobs = {}
                if (row := row_of(type(one))) and row.change and (line := self._line(one)) != self.lines[number]:
                    changes[number] = line
                    blobs |= self._blobs
            self._blobs = blobs
            self._finish()
            told = [[number, json.loads(line)] for number, line in changes.items()]
            head = "".join(_make_text([meta, nodes, told, [*self._blobs]], 0))
            message = b"\0".join(("\n".join((head, *self.lines[start:])).encode(), b"".join(self._blobs.values())))
            if len(message) > FRAME:
                raise NotCarried(f"a value of {len(message):,} bytes")
        except BaseException:
            self.back_to(start)
            self._deep = 0
            raise
        self.changes += len(changes)
        for number, line in changes.items():
            self.lines[number] = line
        return message

    def _finish(self) -> None:
        """Write the objects that have got a number, and those that these refer to."""
        while len(self.lines) < len(self.objects):
            self.lines.append(self._line(self.objects[len(self.lines)]))

    def _line(self, value: Any) -> str:
        return "".join(_make_text(self.part(value), 0))

    def part(self, value: Any) -> list[Any]:
        """A value written out where it stands."""
        row = row_of(type(value))
        if row is None or self._deep > _DEEP:
            return self._stranger(value)
        self._deep += 1
        try:
            return [row.tag, *row.write(self, value)]
        except NotCarried:
            return self._stranger(value)
        finally:
            self._deep -= 1

    def value(self, value: Any) -> Any:
        """The node of a value."""
        kind = type(value)
        if kind in _ATOMS:
            return value if kind in _SIMPLE or _direct(value) else self.part(value)
        if (number := self._numbers.get(id(value))) is not None:
            return ["@", number]
        if issubclass(kind, (int, float, str)) and kind.__module__ != "numpy":  # a class of somebody's own
            return self.value(next(method(value) for plain, method in _PLAIN.items() if issubclass(kind, plain)))
        if (row := row_of(kind)) is None:
            return self._write(value) or self._stranger(value)
        if not row.shared:
            return self.part(value)
        self._number(value)
        return ["@", len(self.objects) - 1]

    def values(self, values: Iterable[Any]) -> list[Any]:
        """The nodes of some values."""
        values = list(values)
        kinds = set(map(type, values))
        if kinds <= _SIMPLE or (kinds <= _ATOMS and all(map(_direct, values))):
            return values
        return list(map(self.value, values))

    def bytes(self, data: bytes) -> str:
        """The node of bytes."""
        if len(data) < _LONG:
            return binascii.b2a_base64(data, newline=False).decode()
        name = f"*{len(data)}*{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"
        self._blobs[name] = data
        return name

    def _number(self, value: Any) -> None:
        self._numbers[id(value)] = len(self.objects)
        self.objects.append(value)

    def back_to(self, size: int) -> None:
        """Forget what was numbered since there were ``size`` objects."""
        for one in self.objects[size:]:
            self._numbers.pop(id(one), None)
        del self.objects[size:], self.lines[size:]

    @staticmethod
    def _stranger(value: Any) -> list[Any]:
        try:
            said = str(repr(value))[:1000]
        except Exception as problem:
            said = f"<{type(problem).__name__} in __repr__>"
        return ["?", type(value).__name__, said]

    # -- reading

    def unpack(self, message: bytes) -> tuple[list[Any], list[Any]]:
        """The meta data of a message, nothing of it checked, and its values; what has changed is changed. Raises Broken."""
        try:
            if len(message) > FRAME:
                raise Broken("its size")
            said, _, data = message.partition(b"\0")
            said = said.decode("ascii")
            (meta, nodes, changes, blobs), *heap = _DECODER.decode(f"[{said.replace(chr(10), ',')}]")
            reader = Reader(self, heap, dict(_cut(blobs, memoryview(data))))
            values = reader.values(nodes)
            for number, entry in changes:
                old = self.objects[whole(number, 0, reader.first - 1)]
                row, fresh = row_of(type(old)), reader.built(entry)
                if row is None or not row.change or row_of(type(fresh)) is not row:
                    raise Broken("a change of another kind")
                row.change(old, fresh)
                self.lines[number] = "".join(_make_text(entry, 0))
            self.changes += len(changes)
            self.lines += said.split("\n")[1:]
            if len(self.lines) != len(self.objects):
                raise Broken("lines")
            return list(meta), values
        except (Exception, RecursionError) as problem:
            raise Broken(f"{type(problem).__name__}: {problem}") from None


def _cut(names: list[str], data: memoryview) -> Iterator[tuple[str, memoryview]]:
    for name in names:
        size = int(text(name, r"\*\d{1,9}\*[0-9a-f]{40}").split("*")[1])
        yield name, data[:size]
        data = data[size:]


def _refuse(what: Any) -> Any:
    raise Broken(f"{str(what)[:80]} in a message")


_DECODER = json.JSONDecoder(object_pairs_hook=_refuse, parse_constant=_refuse)


class Reader:
    """Reads one message. Every method raises Broken, or some Exception, where something does not fit."""

    def __init__(self, talk: Conversation, heap: list[list[Any]], blobs: dict[str, memoryview]) -> None:
        self.talk, self.heap, self.objects, self._blobs = talk, heap, talk.objects, blobs
        self.first, self._deep = len(talk.objects), 0
        rows = [_BY_TAG[entry[0]] if entry[0] != "?" else None for entry in heap]
        if any(row and not row.shared for row in rows):
            raise Broken("an entry")
        talk.objects += [row.make() if row and row.make else _TO_COME for row in rows]
        for number, row in enumerate(rows):
            if not (row and row.make):
                self._object(number)
        for number, row in enumerate(rows, self.first):  # now that all is there that containers can hold
            if row and row.make:
                row.read(self, self.objects[number], *heap[number - self.first][1:])
            talk._numbers[id(self.objects[number])] = number

    def _object(self, number: int) -> Any:
        place = self.first + number
        if self.objects[place] is _TO_COME:
            self.objects[place] = _BEGUN
            self.objects[place] = self.built(self.heap[number])
        elif self.objects[place] is _BEGUN:
            raise Broken("an object that is a part of itself")
        return self.objects[place]

    def built(self, node: Any) -> Any:
        """The value of a node that is written out."""
        if type(node) is not list or type(node[0]) is not str:
            raise Broken("a node")
        tag, *parts = node
        self._deep += 1
        if self._deep > 2 * _DEEP:
            raise Broken("too deep")
        if (row := _BY_TAG.get(tag)) and row.make:
            row.read(self, made := row.make(), *parts)
        elif row:
            made = row.read(self, *parts)
        elif tag == "?":
            name, said = map(text, parts)
            self.talk.strange.append(name[:80])
            made = _opaque_kind(name if name.isidentifier() and len(name) < 80 else "object")()
            made._said = said[:1000]
        elif self.talk.read:
            made = self.talk.read(node)
        else:
            raise Broken("a node of no kind")
        self._deep -= 1
        return made

    def value(self, node: Any) -> Any:
        """The value of a node."""
        if type(node) in _ATOMS:
            return node
        if type(node) is list and node[0] == "@":
            number = whole(node[1], 0, len(self.objects) - 1)
            return self.objects[number] if number < self.first else self._object(number - self.first)
        return self.built(node)

    def values(self, nodes: Any) -> list[Any]:
        """The values of a list of nodes."""
        if type(nodes) is not list:
            raise Broken("a list of nodes")
        return nodes if set(map(type, nodes)) <= _ATOMS else list(map(self.value, nodes))

    def bytes(self, said: Any) -> bytes | memoryview:
        """The bytes of a node."""
        return self._blobs[said] if text(said)[:1] == "*" else binascii.a2b_base64(said)

    def keys(self, nodes: Any) -> list[Any]:
        """Values that can be keys, and that do not all have one hash."""
        keys = self.values(nodes)
        if len(keys) > 1000 and len(set(map(hash, keys))) < len(keys) / 4:
            raise Broken("keys with one hash")
        return keys


_TO_COME, _BEGUN = object(), object()


# -- checks ----------------------------------------------------------------------------------------------------------------


def text(value: Any, pattern: str = "") -> str:
    """A text that fits. Raises Broken."""
    if type(value) is not str or (pattern and not re.fullmatch(pattern, value)):
        raise Broken("a text")
    return value


def whole(value: Any, least: int = -_WORD, most: int = _WORD) -> int:
    """A whole number that fits. Raises Broken."""
    if type(value) is not int or not least <= value <= most:
        raise Broken("a number")
    return value


def _one_of(value: Any, choices: Any) -> Any:
    if type(value) not in (str, int, type(None)) or value not in choices:
        raise Broken("a choice")
    return value


def _whole(value: Any) -> int:
    """A whole number of any size."""
    if type(value) is not int:
        raise Broken("a number")
    return value


# -- Python's own ----------------------------------------------------------------------------------------------------------


def _is_numpys(value: float) -> bool:
    return "numpy" in sys.modules and value is sys.modules["numpy"].nan


def _float(reader: Reader, said: Any, own: Any) -> float:
    if text(said) == "nan" and own and "numpy" in sys.modules:
        return sys.modules["numpy"].nan
    return float(text(said, "nan|-?inf"))


def _members(talk: Conversation, values: Iterable[Any]) -> list[Any]:
    """What a set holds, in one order: that of a set says in which order it was filled, and would look like a change."""
    return [sorted(talk.values(values), key=repr)]


def _write_dict(talk: Conversation, value: dict[Any, Any]) -> list[Any]:
    kind = collections.OrderedDict if isinstance(value, collections.OrderedDict) else dict  # it has an order of its own
    return [talk.values(kind.keys(value)), talk.values(kind.values(value))]


def _dict(reader: Reader, target: dict[Any, Any], keys: Any, values: Any) -> None:
    kind = collections.OrderedDict if type(target) is collections.OrderedDict else dict
    for key, value in zip(reader.keys(keys), reader.values(values), strict=True):
        kind.__setitem__(target, key, value)


def _change_dict(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    old.clear()
    kind = collections.OrderedDict if isinstance(old, collections.OrderedDict) else dict
    kind.update(old, new)


_FACTORIES = {kind.__name__: kind for kind in (int, float, str, list, dict, set, tuple)} | {None: None}


def _write_default(talk: Conversation, value: Any) -> list[Any]:
    factory = getattr(value.default_factory, "__name__", None)
    if _FACTORIES.get(factory) is not value.default_factory:
        raise NotCarried
    return [factory, *_write_dict(talk, value)]


def _default(reader: Reader, target: Any, factory: Any, keys: Any, values: Any) -> None:
    target.default_factory = _FACTORIES[_one_of(factory, _FACTORIES)]
    _dict(reader, target, keys, values)


@functools.lru_cache(200)
def _named_kind(name: str, *fields: str) -> type:
    return collections.namedtuple(name, fields)  # ValueError for doubles


def _named(reader: Reader, name: Any, fields: Any, nodes: Any) -> tuple[Any, ...]:
    names = [text(one, r"[^\W_]\w{0,80}") for one in (name, *fields)]
    if len(names) > 200 or not all(map(str.isidentifier, names)) or any(map(keyword.iskeyword, names)):
        raise Broken("a named tuple")
    return _named_kind(*names)(*reader.values(nodes))


def _change_list(old: Any, new: Any) -> None:
    old[:] = new


def _change_set(old: Any, new: Any) -> None:
    old.clear()
    old.update(new)


def _write_date(talk: Conversation, value: Any) -> list[Any]:
    if getattr(value, "tzinfo", None) not in (None, datetime.UTC):
        raise NotCarried
    return [value.isoformat()]


def _dates(kind: Any) -> Callable[..., Any]:
    return lambda reader, said: kind.fromisoformat(text(said, r"[-0-9:.T]{1,40}(\+00:00)?"))


_ROWS = [
    Row("int", "builtins.int", lambda t, v: [hex(v)], lambda r, v: int(text(v, r"-?0x[0-9a-f]{1,20000}"), 16), False),
    Row("float", "builtins.float", lambda t, v: [repr(float(v)), _is_numpys(v)], _float, False),
    Row("complex", "builtins.complex", lambda t, v: t.values((v.real, v.imag)), lambda r, *v: complex(*r.values([*v])), False),
    Row("bytes", "builtins.bytes", lambda t, v: [t.bytes(v)], lambda r, v: bytes(r.bytes(v)), False),
    Row("bytearray", "builtins.bytearray", lambda t, v: [t.bytes(bytes(v))], lambda r, v: bytearray(r.bytes(v)), True,
        _change_list),
    Row("range", "builtins.range", lambda t, v: t.values((v.start, v.stop, v.step)),
        lambda r, *v: range(*map(_whole, r.values([*v]))), False),
    Row("list", "builtins.list", lambda t, v: [t.values(list.__iter__(v))], lambda r, to, v: to.extend(r.values(v)), True,
        _change_list, list),
    Row("tuple", "builtins.tuple", lambda t, v: [t.values(tuple.__iter__(v))], lambda r, v: tuple(r.values(v))),
    Row("named", "a named tuple", lambda t, v: [type(v).__name__, list(v._fields), t.values(tuple.__iter__(v))], _named),
    Row("dict", "builtins.dict", _write_dict, _dict, True, _change_dict, dict),
    Row("ordered", "collections.OrderedDict", _write_dict, _dict, True, _change_dict, collections.OrderedDict),
    Row("counter", "collections.Counter", _write_dict, _dict, True, _change_dict, collections.Counter),
    Row("default", "collections.defaultdict", _write_default, _default, True, _change_dict, collections.defaultdict),
    Row("set", "builtins.set", lambda t, v: _members(t, set.__iter__(v)), lambda r, to, v: to.update(r.keys(v)), True,
        _change_set, set),
    Row("frozenset", "builtins.frozenset", lambda t, v: _members(t, frozenset.__iter__(v)), lambda r, v: frozenset(r.keys(v))),
    Row("decimal", "decimal.Decimal", lambda t, v: [str(v)],
        lambda r, v: decimal.Decimal(text(v, r"-?[0-9A-Za-z.+-]{1,4000}")), False),
    Row("fraction", "fractions.Fraction", lambda t, v: t.values((v.numerator, v.denominator)),
        lambda r, *v: fractions.Fraction(*map(_whole, r.values([*v]))), False),
    Row("date", "datetime.date", _write_date, _dates(datetime.date), False),
    Row("datetime", "datetime.datetime", _write_date, _dates(datetime.datetime), False),
    Row("time", "datetime.time", _write_date, _dates(datetime.time), False),
    Row("timedelta", "datetime.timedelta", lambda t, v: [v.days, v.seconds, v.microseconds],
        lambda r, *v: datetime.timedelta(*map(whole, v)), False),
]  # fmt: skip


# -- numpy -----------------------------------------------------------------------------------------------------------------

_DTYPE = r"[<>|](b1|[iu][1248]|f(2|4|8|16)|c(8|16|32)|[SU]\d{1,6}|[mM]8(\[(\d{1,4})?[A-Za-z]{1,2}\])?)"


def _write_data(talk: Conversation, value: Any, order: str = "C") -> list[str]:
    if not re.fullmatch(_DTYPE, value.dtype.str):
        raise NotCarried
    return [value.dtype.str, talk.bytes(value.tobytes(order))]


def _data(reader: Reader, said: Any, data: Any, count: int) -> Any:
    """A flat array, without what no computation can give: a truth that is neither 0 nor 1, a character beyond the last."""
    numpy, raw = sys.modules["numpy"], reader.bytes(data)
    kind = numpy.dtype(text(said, _DTYPE))
    if kind.itemsize * count != len(raw) or (not kind.itemsize and count > 1000):
        raise Broken("an array")
    array = numpy.frombuffer(raw, kind).copy() if raw else numpy.zeros(count, kind)
    if kind.kind == "b":
        return array.view("u1") != 0
    if kind.kind == "U" and raw and array.view(kind.str[0] + "u4").max() > sys.maxunicode:
        raise Broken("a character")
    return array


def _write_array(talk: Conversation, value: Any) -> list[Any]:
    order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    if value.size > _CELLS:
        raise NotCarried
    if value.dtype == object:
        kind, data = "O", talk.values(sys.modules["numpy"].ndarray.ravel(value, order).tolist())
    else:
        kind, data = _write_data(talk, value, order)
    return [kind, data, list(value.shape), order, bool(value.flags.writeable)]


def _array(reader: Reader, kind: Any, data: Any, shape: Any, order: Any, writeable: Any) -> Any:
    count = math.prod(whole(one, 0, _CELLS) or 1 for one in shape)
    if len(shape) > 32 or count > _CELLS:
        raise Broken("a shape")
    count = math.prod(shape)
    if kind == "O":
        if len(values := reader.values(data)) != count:
            raise Broken("an array")
        array = sys.modules["numpy"].fromiter(values, object, count)
    else:
        array = _data(reader, kind, data, count)
    array = array.reshape(shape, order=_one_of(order, ("C", "F")))
    array.flags.writeable = bool(writeable)
    return array


def _change_array(old: Any, new: Any) -> None:
    if old.dtype != new.dtype or old.shape != new.shape:
        raise Broken("an array of another kind")
    if old.flags.writeable or new.flags.writeable or not sys.modules["numpy"].array_equal(old, new):
        old[...] = new  # raises ValueError for an array that cannot be written: nobody honest has
    old.flags.writeable = new.flags.writeable


_ROWS += [
    Row("scalar", "numpy.generic", _write_data, lambda r, kind, data: _data(r, kind, data, 1)[0], False),
    Row("array", "numpy.ndarray", _write_array, _array, True, _change_array),
]


# -- pandas ----------------------------------------------------------------------------------------------------------------

_UNITS = ("s", "ms", "us", "ns")
_SIDES = ("left", "right", "both", "neither")
_MASKED = ("IntegerArray", "FloatingArray", "BooleanArray")
_FREQ = r"-?\d{0,4}[A-Za-z]{1,5}(-[A-Z]{3})?"


def _pandas(*names: str) -> Any:
    return functools.reduce(getattr, names, sys.modules["pandas"])


def _utc(zone: Any) -> str | None:
    """Of zones only this one travels: others are read from files."""
    if zone is not None and str(zone) != "UTC":
        raise NotCarried
    return None if zone is None else "UTC"


def _column(reader: Reader, node: Any, kind: str = "") -> Any:
    """What a column or an index can hold: a flat array of numpy's or one of pandas' own."""
    value = reader.value(node)
    if not isinstance(value, (sys.modules["numpy"].ndarray, _pandas("api", "extensions", "ExtensionArray"))):
        raise Broken("a column")
    if value.ndim != 1 or (kind and value.dtype != kind):
        raise Broken("a column")
    return value


def _labels(reader: Reader, node: Any) -> Any:
    value = reader.value(node)
    if not isinstance(value, _pandas("Index")):
        raise Broken("an index")
    return value


def _write_masked(talk: Conversation, value: Any) -> list[Any]:
    data = sys.modules["numpy"].where(value._mask, value._data.dtype.type(0), value._data)
    return [type(value).__name__, talk.part(data), talk.part(value._mask)]


def _write_string(talk: Conversation, value: Any) -> list[Any]:
    if value.dtype.storage != "python":
        raise NotCarried
    said = [one if isinstance(one, str) else None for one in value._ndarray.tolist()]
    return [talk.values(said), value.dtype.na_value is _pandas("NA")]


@functools.lru_cache
def _string_dtype(missing: bool) -> Any:
    try:
        return _pandas("StringDtype")("python", na_value=_pandas("NA") if missing else float("nan"))
    except TypeError:  # pandas 2
        return _pandas("StringDtype")("python")


def _string(reader: Reader, nodes: Any, missing: Any) -> Any:
    values, kind = reader.values(nodes), _string_dtype(bool(missing))
    if not set(map(type, values)) <= {str, type(None)}:
        raise Broken("a column of texts")
    return kind.construct_array_type()._from_sequence(values, dtype=kind)


def _moments(reader: Reader, numbers: Any, unit: Any, zone: Any) -> Any:
    made = _pandas("DatetimeIndex")(_column(reader, numbers, "i8").view(f"M8[{_one_of(unit, _UNITS)}]"))
    return (made.tz_localize("UTC") if _one_of(zone, (None, "UTC")) else made).array


def _lengths(reader: Reader, numbers: Any, unit: Any) -> Any:
    return _pandas("TimedeltaIndex")(_column(reader, numbers, "i8").view(f"m8[{_one_of(unit, _UNITS)}]")).array


def _periods(reader: Reader, numbers: Any, freq: Any) -> Any:
    kind = _pandas("PeriodDtype")(text(freq, _FREQ))
    return _pandas("PeriodIndex").from_ordinals(_column(reader, numbers, "i8"), freq=kind.freq).array


def _write_index(talk: Conversation, value: Any) -> list[Any]:
    freq = getattr(value, "freqstr", None) if type(value).__name__ in ("DatetimeIndex", "TimedeltaIndex") else None
    return [talk.part(value._values), talk.value(value.name), freq]


def _index(reader: Reader, column: Any, name: Any, freq: Any) -> Any:
    values = _column(reader, column)
    made = _pandas("Index")(values, dtype=values.dtype, name=reader.value(name), copy=False)
    if freq is not None:
        made.freq = text(freq, _FREQ)
    return made


def _write_multi(talk: Conversation, value: Any) -> list[Any]:
    codes = [talk.part(sys.modules["numpy"].asarray(one)) for one in value.codes]
    return [list(map(talk.part, value.levels)), codes, talk.values(value.names)]


def _multi(reader: Reader, levels: Any, codes: Any, names: Any) -> Any:
    levels, codes = [_labels(reader, one) for one in levels], [_column(reader, one) for one in codes]
    if len(set(map(len, codes))) > 1 or any(one.dtype.kind != "i" for one in codes):
        raise Broken("an index")
    return _pandas("MultiIndex")(levels, codes, names=reader.values(names), verify_integrity=True)


def _range(reader: Reader, start: Any, stop: Any, step: Any, name: Any) -> Any:
    return _pandas("RangeIndex")(*map(whole, (start, stop, step)), name=reader.value(name))


def _one_column(values: Any, index: Any) -> Any:
    if len(values) != len(index):
        raise Broken("a column")
    return _pandas("Series")(values, index=index, dtype=values.dtype, copy=False)


def _series(reader: Reader, index: Any, column: Any, name: Any) -> Any:
    made = _one_column(_column(reader, column), _labels(reader, index))
    made.name = reader.value(name)
    return made


def _write_table(talk: Conversation, value: Any) -> list[Any]:
    columns = [talk.part(value._get_column_array(place)) for place in range(value.shape[1])]
    return [talk.part(value.index), talk.part(value.columns), columns]


def _table(reader: Reader, index: Any, names: Any, columns: Any) -> Any:
    index, names = _labels(reader, index), _labels(reader, names)
    if len(columns) != len(names) or len(columns) > 10_000:
        raise Broken("a table")
    made = {}
    for place, node in enumerate(columns):
        values = _column(reader, node)
        made[place] = _one_column(values, index) if values.dtype == object else values  # else pandas would guess a kind
    table = _pandas("DataFrame")(made, index=index, copy=False)
    table.columns = names
    return table


def _change_table(old: Any, new: Any) -> None:
    old._update_inplace(new)


def _timestamp(reader: Reader, number: Any, unit: Any, zone: Any) -> Any:
    made = _pandas("Timestamp")(sys.modules["numpy"].datetime64(whole(number), _one_of(unit, _UNITS)))
    return made.tz_localize("UTC") if _one_of(zone, (None, "UTC")) else made


def _timedelta(reader: Reader, number: Any, unit: Any) -> Any:
    return _pandas("Timedelta")(sys.modules["numpy"].timedelta64(whole(number), _one_of(unit, _UNITS)))


_ROWS += [
    Row("NA", "pandas.NAType", lambda t, v: [], lambda r: _pandas("NA"), False),
    Row("NaT", "pandas.NaTType", lambda t, v: [], lambda r: _pandas("NaT"), False),
    Row("timestamp", "pandas.Timestamp", lambda t, v: [v.asm8.view("i8").item(), v.unit, _utc(v.tz)], _timestamp, False),
    Row("length", "pandas.Timedelta", lambda t, v: [v.asm8.view("i8").item(), v.unit], _timedelta, False),
    Row("period", "pandas.Period", lambda t, v: [v.ordinal, v.freqstr],
        lambda r, n, f: _pandas("Period")(ordinal=whole(n), freq=text(f, _FREQ)), False),
    Row("interval", "pandas.Interval", lambda t, v: [t.value(v.left), t.value(v.right), v.closed],
        lambda r, a, b, s: _pandas("Interval")(r.value(a), r.value(b), _one_of(s, _SIDES)), False),
    Row("range index", "pandas.RangeIndex", lambda t, v: [v.start, v.stop, v.step, t.value(v.name)], _range),
    Row("multi index", "pandas.MultiIndex", _write_multi, _multi),
    Row("index", "pandas.Index", _write_index, _index),
    Row("series", "pandas.Series", lambda t, v: [t.part(v.index), t.part(v._values), t.value(v.name)], _series, True,
        _change_table),
    Row("table", "pandas.DataFrame", _write_table, _table, True, _change_table),
    Row("bare", "pandas.NumpyExtensionArray", lambda t, v: [t.part(v.to_numpy())],
        lambda r, v: _pandas("arrays", "NumpyExtensionArray")(_column(r, v))),
    Row("category", "pandas.Categorical", lambda t, v: [t.part(v.codes), t.part(v.categories), bool(v.ordered)],
        lambda r, v, c, o: _pandas("Categorical").from_codes(_column(r, v), _labels(r, c), ordered=bool(o))),
    Row("masked", "pandas.BaseMaskedArray", _write_masked,
        lambda r, k, v, m: _pandas("arrays", _one_of(k, _MASKED))(_column(r, v), _column(r, m, "?"))),
    Row("string", "pandas.BaseStringArray", _write_string, _string),
    Row("moments", "pandas.DatetimeArray", lambda t, v: [t.part(v.asi8), v.unit, _utc(v.tz)], _moments),
    Row("lengths", "pandas.TimedeltaArray", lambda t, v: [t.part(v.asi8), v.unit], _lengths),
    Row("periods", "pandas.PeriodArray", lambda t, v: [t.part(v.asi8), v.freqstr], _periods),
    Row("intervals", "pandas.IntervalArray", lambda t, v: [t.part(v.left), t.part(v.right), v.closed],
        lambda r, a, b, s: _pandas("arrays", "IntervalArray").from_arrays(_labels(r, a), _labels(r, b), _one_of(s, _SIDES))),
]  # fmt: skip


# -- networkx --------------------------------------------------------------------------------------------------------------

_GRAPHS = ("Graph", "DiGraph", "MultiGraph", "MultiDiGraph")


def _write_facts(talk: Conversation, facts: dict[Any, Any]) -> Any:
    return _write_dict(talk, facts) if facts else 0


def _facts(reader: Reader, node: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    if node != 0:
        _dict(reader, made, *node)
    return made


def _write_graph(talk: Conversation, graph: Any) -> list[Any]:
    """Nodes, and for each its neighbours in order, with the number of the tie: both ends share one."""
    places = {node: place for place, node in enumerate(graph._node)}
    ties: dict[int, Any] = {}
    data: list[Any] = []

    def rows(adjacency: Any) -> list[list[int]]:
        found = []
        for near in adjacency.values():
            row: list[int] = []
            for node, facts in near.items():
                if (number := ties.get(id(facts))) is None:
                    number = ties[id(facts)] = len(data)
                    data.append(facts)
                row += (places[node], number)
            found.append(row)
        return found

    if list(graph._adj) != list(graph._node):
        raise NotCarried
    adjacent, before = rows(graph._adj), rows(graph._pred) if graph.is_directed() else None
    if graph.is_multigraph():
        facts = [[talk.values(tie), [_write_facts(talk, one) for one in tie.values()]] for tie in data]
    else:
        facts = [_write_facts(talk, tie) for tie in data]
    notes = [_write_facts(talk, one) for one in graph._node.values()]
    return [
        type(graph).__name__,
        _write_facts(talk, graph.graph),
        talk.values(graph._node),
        notes,
        adjacent,
        before,
        facts,
    ]


def _graph(
    reader: Reader, kind: Any, about: Any, nodes: Any, notes: Any, adjacent: Any, before: Any, facts: Any
) -> Any:
    graph = getattr(sys.modules["networkx"], _one_of(kind, _GRAPHS))()
    nodes = reader.keys(nodes)
    if graph.is_multigraph():
        each = [(reader.keys(keys), [_facts(reader, one) for one in each]) for keys, each in facts]
        data = [dict(zip(keys, some, strict=True)) for keys, some in each]
    else:
        data = [_facts(reader, tie) for tie in facts]

    def rows(target: Any, rows: Any) -> set[tuple[int, int, int]]:
        seen = []
        for place, (node, row) in enumerate(zip(nodes, rows, strict=True)):
            pairs = list(zip(row[::2], row[1::2], strict=True))
            target[node] = {nodes[other]: data[tie] for other, tie in pairs}
            seen += [(place, other, tie) for other, tie in pairs]
        return set(seen)

    graph.graph.update(_facts(reader, about))
    graph._node.update(zip(nodes, [_facts(reader, note) for note in notes], strict=True))
    ties = rows(graph._adj, adjacent)
    back = rows(graph._pred, before) if graph.is_directed() else ties
    if len(graph._node) != len(nodes) or {(there, here, tie) for here, there, tie in back} != ties:
        raise Broken("a graph whose two ends disagree")
    return graph


def _change_graph(old: Any, new: Any) -> None:
    if type(old) is not type(new):
        raise Broken("a graph of another kind")
    for name in ("graph", "_node", "_adj", *(["_pred"] if old.is_directed() else [])):
        _change_dict(getattr(old, name), getattr(new, name))
    for view in ("adj", "nodes", "edges", "degree"):  # that networkx keeps
        vars(old).pop(view, None)


_ROWS += [Row("graph", f"networkx.{name}", _write_graph, _graph, True, _change_graph) for name in _GRAPHS]

# -- the table -------------------------------------------------------------------------------------------------------------

_BY_TAG = {row.tag: row for row in _ROWS}
_BY_KIND = {row.kind: _BY_TAG[row.tag] for row in _ROWS}
_LIBRARIES = ("numpy", "pandas", "networkx", "scipy", "collections", "enum")
# Of a library's own kinds an heir means more than the kind below it (masked arrays, views, enumerations), but of these.
_HEIRS = ("numpy.generic", "pandas.Index", "pandas.BaseMaskedArray", "pandas.BaseStringArray")


@functools.lru_cache(2000)
def row_of(kind: type) -> Row | None:
    """The row of a type: its own, or that of the plain type that a student's own class is an heir of."""
    names = [f"{one.__module__.partition('.')[0]}.{one.__name__}" for one in kind.__mro__]
    for one, name in zip(kind.__mro__, names, strict=True):
        if name in _BY_KIND:
            return _BY_KIND[name]
        if one.__bases__ == (tuple,) and isinstance(getattr(one, "_fields", None), tuple):
            return _BY_TAG["named"]
        if name.partition(".")[0] in _LIBRARIES:
            return next((_BY_KIND[name] for name in names if name in _HEIRS), None)
    return None


def exercise() -> None:
    """Carry a little of each library that is loaded, so that what its first use sets up is there in every fork."""
    values: list[Any] = [[1, (2.5, "a")], {"b": {3}}]
    if numpy := sys.modules.get("numpy"):
        values += [numpy.arange(3.0), numpy.float64(1), numpy.array(["a"])]
    if pandas := sys.modules.get("pandas"):
        table = pandas.DataFrame({"x": [1.5, 2], "y": ["a", None], "z": [1, 2]})
        values += [table, table["y"], table.set_index("y").index]
    if networkx := sys.modules.get("networkx"):
        values += [getattr(networkx, kind)([(1, 2)]) for kind in _GRAPHS]
    ours, theirs = Conversation(), Conversation()
    _, got = theirs.unpack(ours.pack(values=values))
    ours.unpack(theirs.pack(values=got))
