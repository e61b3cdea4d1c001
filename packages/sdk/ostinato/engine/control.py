"""The private line between a supervisor and the process of a run: a socket that the child inherits.

The supervisor says what it wants before it sends SIGTERM; the child says when it has told the server of its end, so
that its exit status is not taken for a crash.
"""

from __future__ import annotations

import os
import socket
from typing import Final

from ostinato.engine import termination

VARIABLE: Final = "PREFECT__CONTROL_FD"
"""Environment variable of a child: the number of its end of the line."""

REPORTED: Final = b"reported\n"


class ControlLine:
    """The child's end. Without a supervisor it does nothing."""

    def __init__(self, line: socket.socket | None) -> None:
        self._line = line

    @classmethod
    def inherited(cls) -> ControlLine:
        """Return the end of the line that the environment names; grandchildren do not inherit it."""
        number = os.environ.pop(VARIABLE, None)
        if number is None or not number.isdecimal():
            return cls(None)
        try:
            line = socket.socket(fileno=int(number))
        except OSError:  # a shell in between closed it
            return cls(None)
        line.setblocking(False)
        line.set_inheritable(False)
        return cls(line)

    def read_intent(self) -> str | None:
        """Return what the supervisor said last; None if it said nothing."""
        if self._line is None:
            return None
        try:
            words = self._line.recv(1024).decode(errors="replace").split()
        except OSError:
            return None
        return words[-1] if words and words[-1] in termination.INTENTS else None

    def tell_reported(self) -> None:
        """Say that the server knows how the run ended."""
        if self._line is None:
            return
        try:
            self._line.send(REPORTED)
        except OSError:  # the supervisor is gone
            return
