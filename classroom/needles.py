"""Thousands of strings looked for at once, in one pass over a text (Aho and Corasick's automaton)."""

from collections.abc import Sequence

import ahocorasick


class Needles:
    """Strings that are looked for together: the time is that of the text, however many they are."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for number, string in enumerate(strings):
            word = _bytes(string)
            self._automaton.add_word(word, (*self._automaton.get(word, ()), number))
        self._automaton.make_automaton()

    def within(self, text: str | bytes) -> list[int]:
        """Which of the strings stand in a text, by their place in the sequence, in its order."""
        if not len(self._automaton):
            return []
        return sorted({number for _, numbers in self._automaton.iter(_bytes(text)) for number in numbers})


def _bytes(text: str | bytes) -> str:
    """The bytes of a text as the automaton takes them: one character for each."""
    return (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).decode("latin-1")
