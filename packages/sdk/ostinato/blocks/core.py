"""`Block`: the base class of typed configuration that a server keeps under a name."""

from __future__ import annotations

import inspect
import re
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_serializer

from ostinato.blocks import registry, storing
from ostinato.blocks.docstrings import description_in, example_in
from ostinato.blocks.documents import DOCUMENT_ID, DOCUMENT_NAME, IS_ANONYMOUS, SLUG
from ostinato.blocks.documents import storing as is_storing
from ostinato.blocks.schemas import describe, finish
from ostinato.engine.drivers import adrive
from ostinato.exceptions import OstinatoError
from ostinato.utilities.paired import run
from ostinato_wire.base import JsonObject
from ostinato_wire.block_checksum import checksum_of
from ostinato_wire.block_schemas import NON_VERSIONED
from ostinato_wire.block_types import BlockTypeCreate

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler, SerializerFunctionWrapHandler
    from pydantic_core import CoreSchema


__all__ = ["Block", "BlockNotSavedError", "InvalidBlockRegistration", "UnknownBlockType"]

UnknownBlockType = registry.UnknownBlockType
InvalidBlockRegistration = storing.InvalidBlockRegistration
Reference: TypeAlias = "str | UUID | dict[str, Any]"  # Any: members of JSON

# Any below: values of users' fields, and what pydantic takes.


class Document(NamedTuple):
    """Which document of a server a block is; the id is None for a block that was not saved."""

    id: UUID | None
    name: str | None
    is_anonymous: bool


class BlockNotSavedError(RuntimeError, OstinatoError):
    """Something was asked of a block that only a saved one has."""


class Block(BaseModel):
    """Typed configuration that a server keeps under a name: subclass it, then `save("name")` and `load("name")`.

    Fields of secret types (`SecretStr`, `SecretBytes`, `SecretDict`) are masked wherever they are shown. Fields may be
    blocks; a saved one is stored as a reference, so its changes are seen. What people read about the class comes from
    its docstring, or from `_block_type_name`, `_block_type_slug`, `_description`, `_code_example`, `_logo_url` and
    `_documentation_url`; `_block_schema_capabilities` says what it can do, in addition to its bases.
    """

    model_config = ConfigDict(extra="allow")

    _block_type_name: ClassVar[str | None] = None
    _block_type_slug: ClassVar[str | None] = None
    _logo_url: ClassVar[Any] = None
    _documentation_url: ClassVar[Any] = None
    _description: ClassVar[str | None] = None
    _code_example: ClassVar[str | None] = None
    _block_schema_capabilities: ClassVar[list[str] | None] = None
    _block_schema_version: ClassVar[str | None] = None

    _block_document_id: UUID | None = PrivateAttr(None)
    _block_document_name: str | None = PrivateAttr(None)
    _is_anonymous: bool | None = PrivateAttr(None)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Make the class the one for its type of blocks."""
        super().__pydantic_init_subclass__(**kwargs)
        if cls.__pydantic_generic_metadata__["origin"] is None:
            registry.register(cls)

    def model_post_init(self, context: Any, /) -> None:
        """Let the subclass prepare itself once its fields are set."""
        super().model_post_init(context)
        self.block_initialization()

    def block_initialization(self) -> None:
        """Prepare a new block, made or loaded; subclasses override this."""

    def remember(self, document_id: UUID, name: str | None, is_anonymous: bool) -> None:
        """Note the document that this block is on the server."""
        self._block_document_id, self._block_document_name = document_id, name
        self._is_anonymous = is_anonymous

    def document(self) -> Document:
        """Return which document of the server the block is."""
        return Document(self._block_document_id, self._block_document_name, bool(self._is_anonymous))

    @model_serializer(mode="wrap")
    def _serialize(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data = handler(self)
        data[SLUG] = self.get_block_type_slug()
        if is_storing.get() and self._block_document_id is not None:
            data[DOCUMENT_ID] = str(self._block_document_id)
            data[DOCUMENT_NAME] = self._block_document_name
            data[IS_ANONYMOUS] = self._is_anonymous
        return data

    # What the class says of itself.

    @classmethod
    def get_block_type_name(cls) -> str:
        """Return the name of the type, as people read it."""
        return cls._block_type_name or cls._own_class().__name__

    @classmethod
    def get_block_type_slug(cls) -> str:
        """Return the name of the type in addresses: lower-case letters, digits and dashes."""
        return cls._block_type_slug or _slug(cls.get_block_type_name())

    @classmethod
    def get_description(cls) -> str | None:
        """Return what the blocks are for: `_description`, else the first part of the class's own docstring."""
        docstring = cls._own_class().__doc__
        if cls._description is not None:
            return cls._description
        return description_in(docstring) if docstring and cls is not Block else None

    @classmethod
    def get_code_example(cls) -> str:
        """Return an example as Markdown: `_code_example`, else that of the docstring, else one that loads a block."""
        if cls._code_example is not None:
            return inspect.cleandoc(cls._code_example)
        own = cls._own_class()
        example = example_in(own.__doc__) if own.__doc__ else None
        name, module = own.__name__, own.__module__
        return example or (
            f'```python\nfrom {module} import {name}\n\n{name.lower()}_block = {name}.load("BLOCK_NAME")\n```'
        )

    @classmethod
    def get_block_capabilities(cls) -> frozenset[str]:
        """Return what blocks of the class can do, by the words that it and its bases use."""
        declared = (vars(base).get("_block_schema_capabilities") for base in cls.__mro__)
        return frozenset(word for words in declared for word in words or ())

    @classmethod
    def get_block_schema_version(cls) -> str:
        """Return the version of the package that the class is in; `non-versioned` if it tells none."""
        if cls._block_schema_version is not None:
            return cls._block_schema_version
        package = sys.modules.get(cls.__module__.partition(".")[0])
        version = getattr(package, "__version__", None) if cls.__module__ != "__main__" else None
        return version if isinstance(version, str) else NON_VERSIONED

    @classmethod
    def schema_checksum(cls) -> str:
        """Return the checksum by which servers know the class's schema."""
        return checksum_of(cls.model_json_schema())

    @classmethod
    def block_type_body(cls) -> BlockTypeCreate:
        """Return the class's type as a server is told of it."""
        return BlockTypeCreate(
            name=cls.get_block_type_name(),
            slug=cls.get_block_type_slug(),
            logo_url=None if cls._logo_url is None else str(cls._logo_url),
            documentation_url=None if cls._documentation_url is None else str(cls._documentation_url),
            description=cls.get_description(),
            code_example=cls.get_code_example(),
        )

    @classmethod
    def _own_class(cls) -> type[Block]:
        """Return the class as it was written: of a generic class with a type in brackets, the generic one."""
        return cast("type[Block] | None", cls.__pydantic_generic_metadata__["origin"]) or cls

    @classmethod
    def model_json_schema(cls, by_alias: bool = True, **options: Any) -> JsonObject:  # pyright: ignore[reportIncompatibleMethodOverride] - the rest goes to pydantic
        """Return the schema of the class's fields as servers keep it."""
        options.setdefault("ref_template", "#/definitions/{model}")
        return finish(super().model_json_schema(by_alias, **options))

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonObject:
        """Return the schema of the class, also where other models nest it."""
        schema = handler(core_schema)
        describe(handler.resolve_ref_schema(schema), cls, Block)
        return schema

    # What a server does with blocks.

    @classmethod
    def register_type_and_schema(cls, *, _sync: bool = False) -> None:
        """Make the class known to the server: its type, its schema, and those of the blocks that it nests."""
        return run(storing.register_class(cls), sync=_sync)

    @classmethod
    async def aregister_type_and_schema(cls) -> None:
        """Do as `register_type_and_schema`, in an event loop."""
        return await adrive(storing.register_class(cls))

    def save(self, name: str | None = None, overwrite: bool = False, *, _sync: bool = False) -> UUID:
        """Store the block under a name and return the id of its document.

        The name of a block that was loaded or saved before need not be given. Raises ValueError if the name is missing,
        or if there is such a block already and `overwrite` is false.
        """
        return run(storing.save(self, name, overwrite), sync=_sync)

    async def asave(self, name: str | None = None, overwrite: bool = False) -> UUID:
        """Do as `save`, in an event loop."""
        return await adrive(storing.save(self, name, overwrite))

    @classmethod
    def load(cls, name: str, validate: bool = True, *, _sync: bool = False) -> Self:
        """Return the block of that name; of the base class `Block`, the one named `type-slug/name`.

        `validate=False` loads data that no longer fit the class. Raises ValueError if there is no such block.
        """
        return run(storing.load(cls, name, validate), sync=_sync)

    @classmethod
    async def aload(cls, name: str, validate: bool = True) -> Self:
        """Do as `load`, in an event loop."""
        return await adrive(storing.load(cls, name, validate))

    @classmethod
    def load_from_ref(cls, ref: Reference, validate: bool = True, *, _sync: bool = False) -> Self:
        """Return the block that `ref` names: an id, `{"block_document_id": id}`, or `type-slug/name`.

        Raises ValueError if there is no such block, or if `ref` is none of these.
        """
        return run(storing.load_from_ref(cls, ref, validate), sync=_sync)

    @classmethod
    async def aload_from_ref(cls, ref: Reference, validate: bool = True) -> Self:
        """Do as `load_from_ref`, in an event loop."""
        return await adrive(storing.load_from_ref(cls, ref, validate))

    @classmethod
    def delete(cls, name: str, *, _sync: bool = False) -> None:
        """Delete the block of that name; of the base class, `type-slug/name`. Raises ValueError if there is none."""
        return run(storing.delete(cls, name), sync=_sync)

    @classmethod
    async def adelete(cls, name: str) -> None:
        """Do as `delete`, in an event loop."""
        return await adrive(storing.delete(cls, name))

    def get_block_placeholder(self) -> str:
        """Return `prefect.blocks.<type>.<name>`, which stands for the block in templates of deployments.

        Raises BlockNotSavedError for a block that the server does not have.
        """
        if self._block_document_name is None:
            raise BlockNotSavedError("Only a saved block has a placeholder; save it first.")
        return f"prefect.blocks.{self.get_block_type_slug()}.{self._block_document_name}"


def _slug(name: str) -> str:
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text.replace("'", "")).strip("-")
