"""Messages between the supervisor and the process in which student code runs.

The socket keeps message boundaries (``SOCK_SEQPACKET``) and every packet carries a keyed digest over its number and its
content. The key stays in the two ends. Student code in the same process can find the socket and write to it, or read
from it, but without the key what it writes is recognised, and a message that it takes away is missed.
"""

import itertools
import os
import select
from collections.abc import Iterator
from hashlib import blake2b

_PIECE = 48 * 1024
_MAC = 16


class Channel:
    """One end. ``side`` names the end, so that a packet cannot be sent back to where it came from."""

    def __init__(self, descriptor: int, key: bytes, side: bytes) -> None:
        self.descriptor = descriptor
        self._key = key
        self._side, self._other = side, {b"A": b"B", b"B": b"A"}[side]
        self._sent = itertools.count()
        self._seen: set[int] = set()
        self._parts: dict[int, list[bytes]] = {}
        self.forged = 0

    def send(self, message: bytes) -> None:
        """Send a message of any size; waits while the socket is full."""
        thread = next(self._sent)  # names the message: two threads may send at once
        pieces = range(0, max(1, len(message)), _PIECE)
        for number, start in enumerate(pieces):
            head = b"%c%010d%06d%d" % (self._side, thread, number, number == len(pieces) - 1)
            packet = head + message[start : start + _PIECE]
            os.write(self.descriptor, blake2b(packet, digest_size=_MAC, key=self._key).digest() + packet)

    def receive(self) -> Iterator[bytes]:
        """Read one packet; yield the message that it completes, if any.

        Raises
        ------
        EOFError
            The other end is closed.
        """
        data = os.read(self.descriptor, _MAC + _PIECE + 64)
        if not data:
            raise EOFError
        mac, packet = data[:_MAC], data[_MAC:]
        if packet[:1] != self._other or mac != blake2b(packet, digest_size=_MAC, key=self._key).digest():
            self.forged += 1
            return
        thread, number, last = int(packet[1:11]), int(packet[11:17]), packet[17:18] == b"1"
        parts = self._parts.setdefault(thread, [])
        if thread in self._seen or number != len(parts):
            self.forged += 1
            return
        parts.append(packet[18:])
        if last:
            self._seen.add(thread)
            yield b"".join(self._parts.pop(thread))

    def next(self) -> bytes:
        """Wait for the next message."""
        while True:
            select.select([self.descriptor], [], [])
            message = next(self.receive(), None)
            if message is not None:
                return message
