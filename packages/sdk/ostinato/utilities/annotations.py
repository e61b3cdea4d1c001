"""Marks on arguments of tasks and flows that change how the arguments are resolved or mapped."""

from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Annotation(Generic[T]):
    """A wrapped argument; two are equal if they are of one kind and hold equal values."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def unwrap(self) -> T:
        """Return the wrapped value."""
        return self.value

    def rewrap(self, value: T) -> "Annotation[T]":
        """Return the same mark on another value."""
        return type(self)(value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Annotation) or type(self) is not type(cast("object", other)):
            return False
        return bool(self.value == cast("Annotation[object]", other).value)

    def __hash__(self) -> int:
        return hash((type(self), id(self.value)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class unmapped(Annotation[T]):  # noqa: N801 - a public name, used like a function
    """Every child of a `map` gets this value as it is: `task.map(items, limit=unmapped(limits))`."""

    __slots__ = ()

    def __getitem__(self, _: object) -> T:
        return self.value


class allow_failure(Annotation[T]):  # noqa: N801 - a public name, used like a function
    """The run starts even if this upstream run failed; the argument is then the upstream's exception."""

    __slots__ = ()


class quote(Annotation[T]):  # noqa: N801 - a public name, used like a function
    """The value is handed over as it is: not searched for futures, and futures stay futures."""

    __slots__ = ()

    def unquote(self) -> T:
        """Return the wrapped value."""
        return self.value


class opaque(Annotation[T]):  # noqa: N801 - a public name, used like a function
    """A future or state given directly is resolved; the value's contents are not searched."""

    __slots__ = ()


class freeze(Annotation[T]):  # noqa: N801 - a public name, used like a function
    """A parameter of a deployment that its runs cannot override: `to_deployment(parameters={"rows": freeze(10)})`."""

    __slots__ = ()


class NotSet:
    """Stands for "no argument was given" where None is a meaningful argument."""
