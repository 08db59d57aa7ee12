"""Thousands of strings looked for at once, in one pass over a text."""

from collections.abc import Iterator, Sequence

import numpy as np

WORD = 8  # bytes: what is compared at every place of a text, as one number
PIECE = 2**18  # bytes that are looked at together: they stay in the processor's cache
# Knuth's multiplicative hash, of which the uppermost BITS count.
FACTOR, BITS = np.uint64(0x9E3779B97F4A7C15), 18


class Needles:
    """Strings that are looked for together: the time is that of the text, however many they are.

    A table says of the hash of any eight bytes whether a string may begin with them. Only where it says yes are the bytes
    themselves looked up, and the strings that begin with them compared.
    """

    def __init__(self, strings: Sequence[str]) -> None:
        self._strings = [string.encode("utf-8", "surrogatepass") for string in strings]
        self._short = [number for number, string in enumerate(self._strings) if len(string) < WORD]
        self._begin: dict[int, list[int]] = {}
        for number, string in enumerate(self._strings):
            if len(string) >= WORD:
                self._begin.setdefault(int.from_bytes(string[:WORD], "little"), []).append(number)
        self._table = np.zeros(2**BITS, bool)
        self._table[_hash(np.array(list(self._begin), "<u8"))] = True

    def within(self, text: str | bytes) -> list[int]:
        """Which of the strings stand in a text, by their place in the sequence, in its order."""
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        found = {number for number in self._short if self._strings[number] in data}
        for place, word in self._places(data):
            for number in self._begin.get(word, ()):
                if number not in found and data.startswith(self._strings[number], place):
                    found.add(number)
        return sorted(found)

    def _places(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where a string may begin, and the eight bytes that stand there."""
        count = len(data) - WORD + 1
        for start in range(0, count, PIECE):
            # Eight bytes from every place: the numbers overlap.
            words = np.ndarray(min(PIECE, count - start), "<u8", data, start, strides=(1,))
            at = np.flatnonzero(self._table[_hash(words)])
            yield from zip((at + start).tolist(), words[at].tolist(), strict=True)


def _hash(words: np.ndarray) -> np.ndarray:
    return (words * FACTOR) >> np.uint64(64 - BITS)
