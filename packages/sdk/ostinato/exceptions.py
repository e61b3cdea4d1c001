"""What can go wrong in a run, in the words of the person who wrote the flow; errors of HTTP are in `ostinato.client`.

Errors derive from `OstinatoError`. Control signals derive from `BaseException`, so that a user's `except Exception`
does not swallow them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.client.errors import OstinatoHTTPStatusError as OstinatoHTTPStatusError


class OstinatoError(Exception):
    """The base of every error that Ostinato raises by itself."""


class CrashedRun(OstinatoError):
    """The run ended because its process or its infrastructure did."""


class FailedRun(OstinatoError):
    """The run ended in FAILED without an exception of its own."""


class CancelledRun(OstinatoError):
    """The run was cancelled."""


class PausedRun(OstinatoError):
    """The result was asked for while the run is paused; `state` is the paused state."""

    def __init__(self, message: str, state: object = None) -> None:
        super().__init__(message)
        self.state = state


class UnfinishedRun(OstinatoError):
    """The result was asked for before the run ended."""


class MissingResult(OstinatoError):
    """The run completed, and its result is not at hand: it was made in another process and was not stored."""


class ParameterTypeError(OstinatoError):
    """The parameters of a flow do not fit its type hints."""


class ParameterBindError(TypeError, OstinatoError):
    """The arguments of a call do not fit the function's signature."""


class SignatureMismatchError(TypeError, OstinatoError):
    """Parameters from elsewhere name arguments that the function does not have."""


class UpstreamTaskError(OstinatoError):
    """A run that this one depends on did not complete."""


class MissingContextError(RuntimeError, OstinatoError):
    """A function that needs a running flow or task was called outside of one."""


class ReservedArgumentError(TypeError, OstinatoError):
    """A flow or task has a parameter whose name Ostinato uses itself."""


class InvalidNameError(ValueError, OstinatoError):
    """A name has a character that names may not have."""


class MappingLengthMismatch(OstinatoError):
    """The iterables given to `map` have different lengths."""


class MappingMissingIterable(OstinatoError):
    """`map` was called without any iterable."""


class ConfigurationError(OstinatoError):
    """The settings contradict each other or lack a value."""


class SerializationError(OstinatoError):
    """A value cannot be turned into bytes, or bytes not into a value; the text says by which serializer."""


class HashError(OstinatoError):
    """A value has no hash, so there is no cache key for it."""


class MissingFlowError(OstinatoError):
    """There is no flow where an entrypoint points to."""


class UnspecifiedFlowError(MissingFlowError):
    """A file or module has several flows, and nothing says which is meant."""


class ScriptError(OstinatoError):
    """A file or module with a flow cannot be imported; `user_exc` is what it raised, `path` is where it is."""

    def __init__(self, user_exc: Exception, path: str) -> None:
        super().__init__(f"{path!r} cannot be imported: {type(user_exc).__name__}: {user_exc}")
        self.user_exc = user_exc
        self.path = path


class DeploymentApplyError(OstinatoError):
    """The server refused a deployment; the text has its reason."""


class BlockNotSavedError(OstinatoError):
    """A block is used where only its name or id can go, and it has none: it was not saved."""


class StepExecutionError(OstinatoError):
    """A step that fetches code failed."""


class UserCodeTimeout(TimeoutError, OstinatoError):
    """The function of a flow or task ran longer than its `timeout_seconds`."""


class ObjectNotFound(OstinatoError):
    """The server does not know the object; `http_exc` is its answer."""

    def __init__(self, http_exc: Exception, help_message: str | None = None) -> None:
        super().__init__(help_message or str(http_exc))
        self.http_exc = http_exc


class ObjectAlreadyExists(OstinatoError):
    """An object of that name or key is there already; `http_exc` is the server's answer."""

    def __init__(self, http_exc: Exception, help_message: str | None = None) -> None:
        super().__init__(help_message or str(http_exc))
        self.http_exc = http_exc


class ObjectLimitReached(OstinatoError):
    """The server has as many objects of this kind as it may have; `http_exc` is its answer."""

    def __init__(self, http_exc: Exception, help_message: str | None = None) -> None:
        super().__init__(help_message or str(http_exc))
        self.http_exc = http_exc


class ObjectUnsupported(OstinatoError):
    """The server has no objects of this kind."""


class ProtectedBlockError(OstinatoError):
    """A block type belongs to the server and cannot be deleted."""


class BlockMissingCapabilities(OstinatoError):
    """A block cannot do what it is to be used for."""


class InvalidRepositoryURLError(OstinatoError):
    """The address of a repository cannot be one."""


class InfrastructureError(OstinatoError):
    """The infrastructure of a flow run cannot be started, watched or stopped."""


class InfrastructureNotFound(InfrastructureError):
    """There is no infrastructure of this id: it has ended, or is not of this worker's kind."""


class InfrastructureNotAvailable(InfrastructureError):
    """The infrastructure is somewhere else than where this process can reach it."""


class NotPausedError(OstinatoError):
    """A flow run was to be resumed that is not paused."""


class FlowPauseTimeout(OstinatoError):
    """A paused flow run was not resumed in time."""


class FlowRunWaitTimeout(OstinatoError):
    """A flow run did not end within the time that was allowed for waiting."""


class FlowRunWatchError(OstinatoError):
    """A flow run can no longer be followed."""


class ParametersNotFound(OstinatoError):
    """The parameters of a background run are not in the storage in which its task worker looks for them."""


class EventTooLarge(OstinatoError):
    """An event has more bytes than a server takes; `size` and `maximum` are in bytes."""

    def __init__(self, size: int, maximum: int) -> None:
        super().__init__(f"The event has {size} bytes as JSON; at most {maximum} are allowed. Shorten its payload.")
        self.size = size
        self.maximum = maximum


class ControlSignal(BaseException):
    """The base of what ends a run from outside; not an `Exception` on purpose."""


class Abort(ControlSignal):
    """The server told the run to stop; the run is left as it is."""


class Pause(ControlSignal):
    """The server paused the run; `state` is the paused state."""

    def __init__(self, *args: Any, state: object = None) -> None:  # Any: as BaseException takes it
        super().__init__(*args)
        self.state = state


class TerminationSignal(ControlSignal):
    """The process was told to end; `signal` is the number of the signal."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"Received signal {signal}")
        self.signal = signal


_SETTINGS_ERRORS = {"MissingProfileError": "ProfileNotFound", "ProfileSettingsValidationError": "SettingsError"}
"""What the reference calls errors of profiles, and what they are here."""


def __getattr__(name: str) -> Any:  # Any: an error class of a module that is loaded when asked for
    if name in {"OstinatoHTTPStatusError", "PrefectHTTPStatusError"}:
        from ostinato.client import errors

        return errors.OstinatoHTTPStatusError
    if name in _SETTINGS_ERRORS:
        from ostinato.settings import errors as settings_errors

        return getattr(settings_errors, _SETTINGS_ERRORS[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
