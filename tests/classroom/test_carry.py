"""What travels between the student's process and the examiner arrives as it was, and nothing that arrives does anything."""

import base64
import collections
import datetime
import decimal
import fractions
import json
import random
import re
import resource
import sys
import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from classroom.carry import FRAME, Broken, Conversation, NotCarried, Opaque

Pair = collections.namedtuple("Pair", "left right")


def ends() -> tuple[Conversation, Conversation]:
    return Conversation(), Conversation()


def sent(*values):
    """The values as the other side gets them, and what comes back when it sends them on: the very same objects."""
    ours, theirs = ends()
    got = theirs.unpack(ours.pack("ask", values=values))[1]
    answer = theirs.pack("ok", values=got)
    assert not json.loads(re.split(b"[\0\n]", answer)[0])[2], "unchanged, and told as changed"
    return got, ours.unpack(answer)[1]


def same(one, other) -> bool:
    """Equal, type for type, all the way down."""
    if type(one) is not type(other) and not hasattr(one, "_fields"):
        return False
    if isinstance(one, float | complex | decimal.Decimal):
        return repr(one) == repr(other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one), list(other)) and same(list(one.values()), list(other.values()))
    if isinstance(one, np.ndarray):
        facts = one.dtype, one.shape, one.flags.writeable, one.flags.c_contiguous
        return facts == (other.dtype, other.shape, other.flags.writeable, other.flags.c_contiguous) and (
            same(one.tolist(), other.tolist())
        )
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return one == other


ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.binary(max_size=9), st.decimals(),
    st.text(st.characters(codec=None), max_size=9), st.fractions(), st.dates(), st.datetimes(), st.times(),
    st.timedeltas(), st.integers(2**61, 2**70), st.builds(range, st.integers(-9, 9), st.integers(-9, 9)),
    st.builds(np.float64, st.floats()), st.builds(np.int16, st.integers(-9, 9)), st.builds(np.bool_, st.booleans()),
)  # fmt: skip
KEYS = st.one_of(st.text(max_size=3), st.integers(-5, 5), st.tuples(st.integers(0, 3), st.text(max_size=2)))
VALUES = st.recursive(
    ATOMS,
    lambda some: st.one_of(
        st.lists(some, max_size=4), st.tuples(some, some), st.dictionaries(KEYS, some, max_size=4), st.sets(KEYS, max_size=4),
        st.frozensets(KEYS, max_size=4), st.builds(Pair, some, some),
        st.lists(KEYS, max_size=4).map(collections.Counter),
        st.dictionaries(KEYS, some, max_size=3).map(collections.OrderedDict),
        st.dictionaries(KEYS, some, max_size=3).map(lambda made: collections.defaultdict(list, made)),
    ),
    max_leaves=8,
)  # fmt: skip
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@example({"1`1", "í"})  # a set that stands in another order when it is filled in another order
@given(VALUES)
def test_pythons_own_values_arrive_as_they_were(value):
    assume("sNaN" not in repr(value))  # it can be compared with nothing
    (got,), (back,) = sent(value)
    assert same(value, got)
    assert (type(value) in (list, dict, set) and back is value) or same(value, back)


KINDS = ["f8", "f4", "i8", "u1", "?", "c16", "U3", "S2", "M8[ns]", "M8[D]", "m8[s]", "O", "g"]


@FEW
@given(
    st.sampled_from(KINDS), st.lists(st.integers(0, 3), max_size=3), st.sampled_from("CF"), st.booleans(), st.randoms()
)
def test_arrays_arrive_with_kind_shape_order_and_flag(kind, shape, order, writeable, chance):
    array = (
        np.array([chance.randint(0, 99) for _ in range(int(np.prod(shape)))]).astype(kind).reshape(shape, order=order)
    )
    array.flags.writeable = writeable
    (got,), (back,) = sent(array)
    assert same(array, got)
    assert back is array


COLUMNS = {
    "numbers": [1.5, np.nan, 3], "text": ["a", None, "ü"], "things": pd.Series([1, "a", (2,)], dtype=object),
    "mixed text": pd.Series(["a", "b", "c"], dtype=object), "truth": [True, False, True],
    "category": pd.Categorical(["b", "a", None], ["b", "a", "z"], ordered=True), "whole": pd.array([1, None, 3], "Int64"),
    "real": pd.array([1.5, None, 3], "Float64"), "maybe": pd.array([True, None, False], "boolean"),
    "string": pd.array(["a", None, "c"], "string"), "moment": pd.date_range("2020-01-31", periods=3, unit="s"),
    "zone": pd.date_range("2020", periods=3, tz="UTC"), "length": pd.to_timedelta([1, None, 3], unit="h"),
    "period": pd.period_range("2020-01", periods=3, freq="M"), "interval": pd.interval_range(0, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_series_and_indexes_of_every_kind_arrive(name):
    series = pd.Series(COLUMNS[name], name=("x", 1), index=[3, 1, 2])
    table = series.to_frame("y").assign(z=1).rename_axis("number")
    index = pd.Index(series.array, name="label") if name != "things" else pd.Index(["a", 1], dtype=object)
    (one, two, three, four), back = sent(series, table, index, series.array)
    pd.testing.assert_series_equal(one, series)
    pd.testing.assert_frame_equal(two, table)
    pd.testing.assert_index_equal(three, index, exact=True)
    assert type(four) is type(series.array)
    assert back[0] is series and back[1] is table


@pytest.mark.parametrize("value", [
    pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]), pd.RangeIndex(2, 9, 3, name="r"),
    pd.date_range("2020", periods=3, freq="MS"), pd.CategoricalIndex(["a", "b"]),
], ids=repr)  # fmt: skip
def test_indexes_of_special_kinds_arrive(value):
    (got,), _ = sent(value)
    pd.testing.assert_index_equal(got, value, exact=True)
    assert getattr(got, "freq", None) == getattr(value, "freq", None)


@pytest.mark.parametrize("value", [
    pd.Timestamp("2020-01-02 03:04"), pd.Timestamp("2020", tz="UTC"), pd.Timedelta("1h"), pd.Period("2020-01"),
    pd.Interval(0, 1), pd.NA, pd.NaT,
], ids=repr)  # fmt: skip
def test_pandas_own_scalars_arrive(value):
    (got,), _ = sent(value)
    assert type(got) is type(value) and repr(got) == repr(value)


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_graphs_arrive_with_the_order_of_neighbours_and_shared_ties(kind):
    graph = kind([("c", "a"), ("a", "b"), ("a", "b"), ("b", "b")], name="net")
    graph.add_node("alone", size=3)
    graph.add_edge("c", "b", weight=[2.5])
    (got,), (back,) = sent(graph)
    assert type(got) is kind and back is graph
    assert nx.utils.graphs_equal(got, graph)
    assert [list(got[node]) for node in got] == [list(graph[node]) for node in graph]
    next(iter(got.adj["c"]["b"].values()) if graph.is_multigraph() else iter([got.adj["c"]["b"]]))["new"] = 1
    assert any("new" in data for *_, data in got.edges("b", data=True)) or graph.is_directed()


def test_aliases_and_cycles_survive():
    inner = [1]
    outer = {"a": inner, "b": inner, "pair": (inner,)}
    inner.append(outer)
    (got,), (back,) = sent(outer)
    assert got["a"] is got["b"] is got["pair"][0] and got["a"][1] is got
    assert back is outer


def test_the_nan_of_numpy_is_that_of_numpy_and_another_is_not():
    (ours, other), _ = sent(np.nan, float("nan"))
    assert ours is np.nan and other is not np.nan and other != other


def test_what_the_other_side_changes_is_changed_here():
    things = [[1], {"a": 1}, {1}, np.arange(3), pd.Series([1, 2]), pd.DataFrame({"x": [1]}), nx.path_graph(3),
              collections.OrderedDict(a=1, b=2), bytearray(b"a")]  # fmt: skip
    ours, theirs = ends()
    got = theirs.unpack(ours.pack("ask", values=things))[1]
    got[0].append(got[1])
    got[1]["b"] = True
    got[2].add(2)
    got[3][0] = 9
    got[4].iloc[0] = 5
    got[5]["y"] = "new"
    got[6].remove_node(1)
    got[7].move_to_end("a")
    got[8] += b"b"
    ours.unpack(theirs.pack("ok"))
    assert things[0] == [1, {"a": 1, "b": True}] and things[0][1] is things[1]
    assert things[1]["b"] is True and things[2] == {1, 2} and list(things[3]) == [9, 1, 2]
    assert list(things[4]) == [5, 2] and list(things[5].columns) == ["x", "y"]
    assert list(things[6]) == [0, 2] and list(things[7]) == ["b", "a"] and things[8] == b"ab"


def test_what_has_no_row_is_nothing_but_its_name():
    class Sly:
        def __eq__(self, other):
            return True

    (got, masked), _ = sent(Sly(), np.ma.array([1, 2], mask=[0, 1]))
    assert isinstance(got, Opaque) and type(got).__name__ == "Sly" and "Sly" in repr(got)
    assert got != 1 and not hasattr(got, "x") and isinstance(masked, Opaque)


def test_heirs_are_what_they_are_below():
    class Number(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Row(list):
        def __len__(self):
            return 99

    (number, row), _ = sent(Number(1.5), Row([1]))
    assert type(number) is float and number == 1.5 and type(row) is list and row == [1]
    (whole, text), _ = sent(type("Whole", (int,), {})(2**60 + 1), type("Text", (str,), {})("a"))
    assert type(whole) is int and whole == 2**60 + 1 and type(text) is str and text == "a"


# -- the wall --------------------------------------------------------------------------------------------------------------

PLENTY = [
    1.5, "a", [1, [2, {"k": (3,)}]], np.arange(6.0).reshape(2, 3), np.array(["ab", "c"]), np.array([1, None], object),
    pd.DataFrame({name: column for name, column in COLUMNS.items() if name != "things"}), nx.MultiDiGraph([(1, 2), (2, 1)]),
    pd.MultiIndex.from_product([["a"], [1, 2]]), {1, 2}, Pair(1, [2]), collections.Counter("aab"), 2**80, float("inf"),
    np.float64(2), pd.Timestamp("2020"), decimal.Decimal("1.5"), fractions.Fraction(1, 3),
    datetime.date(2020, 1, 1), range(3), b"bytes", bytearray(b"more"), pd.NA, pd.Interval(0, 1),
]  # fmt: skip
HEARD: list[str] = []
WORSE = ("import", "open", "exec", "compile", "subprocess.Popen", "os.system", "os.fork", "ctypes.dlopen", "socket.connect",
         "pickle.find_class", "marshal.loads")  # fmt: skip


@pytest.fixture(scope="module")
def heard():
    """What a reader did that no reader may do. An audit hook stays for ever, so there is one."""
    listening = [False]

    def hook(event, arguments):
        if listening[0] and event in WORSE:
            frame = sys._getframe(1)
            named = frame.f_globals.get("__name__") == "collections" and event in ("exec", "compile")
            if not named:  # namedtuple makes its __new__ of a text in which stand identifiers that were looked at
                HEARD.append(f"{event} {arguments}")

    sys.addaudithook(hook)
    for kind in (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph):
        kind()  # networkx compiles a part of itself when it is first used
    return listening


def _read(message: bytes) -> bool:
    """Whether it was taken for a message; anything but Broken is an error of the reader."""
    try:
        Conversation().unpack(message)
    except Broken:
        return False
    return True


def _mutated(message: bytes, chance: random.Random) -> bytes:
    data = bytearray(message)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at, kind = chance.randrange(len(data)), chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 9)]
        elif kind == 2:
            data[at:at] = chance.choice((b"[", b"]", b'"', b"-1", b"1e999", b"9" * 30, b"null", b'"@",0', b"true"))
        else:
            other = chance.randrange(len(data))
            data[at : at + 8] = data[other : other + 8]
        data = data or bytearray(b"0")
    return bytes(data)


def test_bytes_that_were_changed_at_random_do_nothing(heard):
    chance, taken = random.Random(22), 0
    messages = [Conversation().pack("ok", 1, values=[value, [value]]) for value in PLENTY]
    _read(messages[0])
    HEARD.clear()
    heard[0], started = True, time.process_time()
    try:
        for _ in range(6000):
            taken += _read(_mutated(chance.choice(messages), chance))
        for _ in range(500):
            _read(chance.randbytes(chance.randrange(60)))
    finally:
        heard[0] = False
    assert HEARD == []
    assert taken > 100  # some changes leave a message
    assert time.process_time() - started < 60


def _frame(heap, node=("@", 0)) -> bytes:
    return "\n".join(map(json.dumps, [[["ok", 1], [node], [], []], *heap])).encode()


def _array(kind, data: bytes, *shape):
    return ["array", kind, base64.b64encode(data).decode(), shape or [1], "C", True]


FORGED = {
    "no row": _frame([["object"]]),
    "no entry": _frame([["int", "0x1"]]),
    "a tuple in itself": _frame([["tuple", [["@", 0]]]]),
    "a dict": b'[[], [], [], []]\n{"a":1}',
    "nan": b"[[], [NaN], [], []]",
    "short": b"\1",
    "nothing": b"",
    "no letters": b"[[], [\xff], [], []]",
    "brackets": b"[" * 100_000,
    "digits": b"[[" + b"9" * 6000 + b"], [], [], []]",
    "a line that is none": b'[[], [], [], []],["list", []]',
    "a line too many": b'[[], [], [], []]\n["list",\n[]]',
    "a length of bytes": _frame([["bytearray", 10**9]]),
    "objects": _frame([_array("|O8", b"x" * 8)]),
    "a record": _frame([_array("i4,i4", b"x" * 8)]),
    "a huge shape": _frame([_array("|S0", b"", 1 << 22, 1 << 22)]),
    "too short": _frame([_array("<f8", b"x" * 7)]),
    "too few objects": _frame([["array", "O", [1], [2], "C", True]]),
    "too many objects": _frame([["array", "O", [1, 2], [1], "C", True]]),
    "no characters": _frame([_array("<U1", b"\xff" * 4)]),
    "codes out of range": _frame(
        [["category", _array("<i8", b"\x09" + b"\0" * 7), ["range index", 0, 1, 1, None], False]]
    ),
    "a table of tables": _frame(
        [["table", ["range index", 0, 1, 1, None], ["range index", 0, 1, 1, None], [["@", 0]]]]
    ),
    "a column of two dimensions": _frame(
        [["series", ["range index", 0, 1, 1, None], _array("<i1", b"ab", 1, 2), None]]
    ),
    "code in a name": _frame([["named", "x(): import os", ["a"], [1]]]),
    "a keyword for a name": _frame([["named", "x", ["class"], [1]]]),
    "a zone of a file": _frame([], ["timestamp", 0, "ns", "../../etc/passwd"]),
    "a zone of a day": _frame([], ["datetime", "2020-01-01T00:00:00+24:00"]),
    "a method": _frame([["graph", "__class__", 0, [], [], [], None, []]]),
    "one-sided": _frame([["graph", "Graph", 0, [1, 2], [0, 0], [[1, 0], []], None, [0]]]),
    "one-sided from the end": _frame([["graph", "Graph", 0, [1, 2], [0, 0], [[-1, 0], [-2, 0]], None, [0]]]),
    "one hash": _frame([["set", [["int", hex(k * (2**61 - 1))] for k in range(4, 3000)]]]),
    "beyond": _frame([], ["@", 5]),
    "minus": _frame([["list", []]], ["@", -1]),
    "a truth": _frame([["list", []]], ["@", False]),
    "a function": _frame([], ["function", 0, "f", None, None]),
    "a library": _frame([], ["library", "os", "system"]),
    "a pickle": _frame([], ["pickle", "80"]),
    "fractions": _frame([], ["fraction", 1, 0]),
    "no bytes": _frame([["bytearray", "*4*" + "0" * 40]]),
    "bytes of no size": b'[[], [], [], ["*-1*"]]',
    "a change of nothing": b'[[], [], [[0, ["list", []]]], []]',
}
_deep = ["complex", 0, 0]
for _ in range(200):
    _deep[1:] = [list(_deep), 0]
FORGED["too deep"] = _frame([], _deep)


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_message_is_broken(name, heard):
    HEARD.clear()
    heard[0] = True
    try:
        assert not _read(FORGED[name])
    finally:
        heard[0] = False
    assert HEARD == []


def test_a_message_of_that_form_is_one():
    assert _read(_frame([["list", []], _array("<f8", b"x" * 8)])) and _read(b'[[], [], [], []]\n["list", []]')


def test_what_is_large_is_refused_before_it_is_read():
    ours, theirs = ends()
    with pytest.raises(NotCarried):
        ours.pack("call", values=[[1], "x" * FRAME])
    assert theirs.unpack(ours.pack("call", values=[[2]]))[1] == [[2]]  # as if nothing had been said
    with pytest.raises(Broken):
        theirs.unpack(b" " * (FRAME + 1))


@pytest.mark.parametrize("entry", ['["list",[]]', '["tuple",[]]', '["set",[]]'])
def test_the_worst_message_of_its_size_takes_little_time_and_memory(entry):
    """A quarter of the largest, in a quarter of what that may take."""
    message = "\n".join(["[[1,1],[],[],[]]"] + [entry] * (FRAME // 4 // (len(entry) + 1) - 2)).encode()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert _read(message)
    assert time.process_time() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kilobytes
