"""What can be wrong with parameters and their schema. Whoever asked says with which status and prefix it is told."""


class ParametersError(Exception):
    """Base of all; `message` can be shown to the caller as it is (it is always encodable text)."""

    def __init__(self, message: str) -> None:
        self.message = message.encode("utf-8", "backslashreplace").decode()
        super().__init__(self.message)


class HydrationError(ParametersError):
    """A `__prefect_kind` object cannot be turned into its value."""


class ParametersInvalid(ParametersError):
    """The parameters do not fit their schema."""


class InvalidSchema(ParametersError):
    """The schema itself is none; `why` is the bare reason."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The provided schema is not a valid json schema. Schema error: {why}")
        self.why = why.encode("utf-8", "backslashreplace").decode()


class CircularSchema(InvalidSchema):
    """The schema refers to itself without end."""

    def __init__(self) -> None:
        super().__init__("Unable to validate schema with circular references.")


class TemplateInvalid(ParametersError):
    """A template is malformed, exceeds a limit, or failed; `line` counts from 1, 0 where no line is to blame."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line
