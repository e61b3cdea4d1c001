"""Reading lists that are longer than what a server answers at once."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAGE = 200
"""The most objects that servers answer by default."""


def every(read: Callable[[int, int], list[T]]) -> list[T]:
    """Return all objects; `read` takes a limit and an offset."""
    found: list[T] = []
    while True:
        page = read(PAGE, len(found))
        found += page
        if len(page) < PAGE:
            return found
