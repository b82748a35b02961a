"""The server: what a client can ask, whatever carries it; HTTP and stdio give it the function that runs questions."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any, Protocol, TypeVar

from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    PromptMessage,
    PromptReference,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic_core import from_json, to_json

from app.api.problems import ProblemError
from app.folding import nearest
from app.mcp.entries import MissingEntryError
from app.mcp.faults import describe_refusal, read_arguments
from app.mcp.prompt import PROMPT, write_prompt
from app.mcp.resources import ENTRY, JSON, RESOURCES, complete, complete_from, read_resource
from app.mcp.schemas import input_schema, output_schema
from app.mcp.tools import TOOLS, Tool, language_of
from app.path_prefix import prefix_of
from app.queries.dataset import read_scheme_ids
from app.queries.refusals import Refused
from app.queries.vocabularies import read_vocabularies
from app.store.served import NothingServedError
from app.store.snapshot import Reader

logger = logging.getLogger("app")

NAME = "virtualization-taxonomy"
INSTRUCTIONS = (
    "A reviewed vocabulary of virtualization in five collections: concepts, virtualization-types, examples of these, "
    "hypervisor-types and hypervisors, in English and Chinese. "
    "Every fact has a source, which get_entries shows; a null field means that no source says, so do not fill it. "
    '"unknown", "none" and "conflict" are answers: report them, and never guess what a string means.'
)
# What the revision 2025-11-25 has for a resource that does not exist; later ones have INVALID_PARAMS.
RESOURCE_NOT_FOUND = -32002
HOUR = 3_600_000
FAILED = "The service failed; the error has been logged."
HINTS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
BY_NAME: dict[str, Tool] = {tool.name: tool for tool in TOOLS}

Answer = TypeVar("Answer")
Context = ServerRequestContext[Any, Any]


class Ask(Protocol):
    """Runs a question on the dataset that is served, and returns its answer."""

    def __call__(self, question: Callable[[Reader], Answer], /) -> Awaitable[Answer]:
        """Run the question."""


def build_server(ask: Ask, seconds: float) -> Server[Any]:
    """Build the server; for some `seconds` a client may take what it has read of a resource for current."""
    handlers = Handlers(ask)
    lists, reads = CacheHint(HOUR, "public"), CacheHint(int(seconds * 1000), "public")
    return Server(
        NAME,
        version=version("virtualization-taxonomy-api"),
        title="Virtualization Taxonomy",
        instructions=INSTRUCTIONS,
        cache_hints={
            "server/discover": lists,
            "tools/list": lists,
            "resources/list": lists,
            "resources/templates/list": lists,
            "prompts/list": lists,
            "resources/read": reads,
        },
        # No tool declares arguments that a client repeats in headers.
        get_tool_input_schema=lambda _: None,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_resource_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
        on_completion=handlers.complete,
    )


def list_tools(reader: Reader) -> ListToolsResult:
    """List the tools, with the values that their arguments take in a dataset."""
    vocabularies = read_vocabularies(reader)
    return ListToolsResult(
        tools=[
            ListedTool(
                name=tool.name,
                title=tool.title,
                description=tool.describe(vocabularies["SchemeId"]),
                input_schema=input_schema(tool.arguments, vocabularies),
                output_schema=output_schema(tool.result),
                annotations=HINTS,
            )
            for tool in TOOLS
        ]
    )


def prefix_for(context: Context) -> str:
    """Return the path prefix of the request that carried a message; empty over stdio."""
    return prefix_of(context.request.scope) if context.request else ""


def refuse_cursor(params: PaginatedRequestParams | None) -> None:
    """Raise `MCPError` for a place in a list that has no pages."""
    if params and params.cursor is not None:
        raise MCPError(INVALID_PARAMS, "The list is whole: ask for it without a cursor.")


def unknown_name(kind: str, name: str, known: Mapping[str, Any] | list[str]) -> MCPError:
    """Make the error for what does not exist; it says what does."""
    near = nearest(name[:100], [*known], 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
    return MCPError(INVALID_PARAMS, f"Unknown {kind}. {hint}")


def failed(sentence: str) -> CallToolResult:
    """Make the result of a call that is refused, which the model reads."""
    return CallToolResult(content=[TextContent(text=sentence)], is_error=True)


class Handlers:
    """Answers the requests of clients."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    async def look(self, question: Callable[[Reader], Answer]) -> Answer:
        """Run a question that is no call of a tool. Raises `MCPError` if it cannot be answered."""
        try:
            return await self.ask(question)
        except MissingEntryError:
            raise
        except (NothingServedError, ProblemError) as error:
            raise MCPError(INTERNAL_ERROR, why_unavailable(error)) from None
        except Exception:
            logger.exception("A question failed")
            raise MCPError(INTERNAL_ERROR, FAILED) from None

    async def list_tools(self, _: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        """List the tools."""
        refuse_cursor(params)
        return await self.look(lambda reader: reader.derive(list_tools))

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """Call a tool."""
        if params.name not in BY_NAME:
            raise unknown_name("tool", params.name, BY_NAME)
        given, prefix = params.arguments or {}, prefix_for(context)
        try:
            answer = await self.ask(partial(answer_call, tool=BY_NAME[params.name], given=given, prefix=prefix))
        except Refused as refused:
            return failed(describe_refusal(refused, language_of(given)))
        except (NothingServedError, ProblemError) as error:
            return failed(why_unavailable(error))
        except Exception:
            logger.exception("The tool %s failed", params.name)
            return failed(FAILED)
        return CallToolResult(content=[TextContent(text=answer.decode())], structured_content=from_json(answer))

    async def list_resources(self, _: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        """List the resources that have one address."""
        refuse_cursor(params)
        return ListResourcesResult(resources=RESOURCES)

    async def list_resource_templates(
        self, _: Context, params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        """List the template of the other resources."""
        refuse_cursor(params)
        return ListResourceTemplatesResult(resource_templates=[ENTRY])

    async def read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        """Read a resource."""
        uri, prefix = str(params.uri), prefix_for(context)
        try:
            text = await self.look(lambda reader: read_resource(reader, uri, prefix))
        except MissingEntryError as error:
            code = RESOURCE_NOT_FOUND if context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS else INVALID_PARAMS
            raise MCPError(code, f"Resource not found. {error}", {"uri": uri}) from None
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=JSON, text=text)])

    async def list_prompts(self, _: Context, params: PaginatedRequestParams | None) -> ListPromptsResult:
        """List the prompts."""
        refuse_cursor(params)
        return ListPromptsResult(prompts=[PROMPT])

    async def get_prompt(self, _: Context, params: GetPromptRequestParams) -> GetPromptResult:
        """Write a prompt."""
        if params.name != PROMPT.name:
            raise unknown_name("prompt", params.name, [PROMPT.name])
        given = params.arguments or {}
        known = [argument.name for argument in PROMPT.arguments or ()]
        for name in given:
            if name not in known:
                raise unknown_name("argument", name, known)
        if not given.get("inventory", "").strip():
            raise MCPError(INVALID_PARAMS, "inventory: Missing. Give the strings of the inventory, one a line.")
        if scheme := given.get("scheme"):
            schemes = await self.look(lambda reader: reader.derive(read_scheme_ids))
            if scheme not in schemes:
                raise unknown_name("scheme", scheme, [*schemes])
        text = write_prompt(given["inventory"], scheme)
        return GetPromptResult(
            description=PROMPT.description, messages=[PromptMessage(role="user", content=TextContent(text=text))]
        )

    async def complete(self, _: Context, params: CompleteRequestParams) -> CompleteResult:
        """Complete an argument of the prompt, or a part of the address of an entry."""
        name, begun = params.argument.name, params.argument.value
        match params.ref:
            case PromptReference(name=PROMPT.name):
                known = await self.look(lambda reader: reader.derive(read_scheme_ids)) if name == "scheme" else []
                return CompleteResult(completion=complete_from(known, begun))
            case ResourceTemplateReference(uri=ENTRY.uri_template):
                given = (params.context.arguments if params.context else None) or {}
                collection = given.get("collection")
                found = await self.look(lambda reader: complete(reader, name, begun, collection))
                return CompleteResult(completion=found)
        raise MCPError(INVALID_PARAMS, f"Only {PROMPT.name} and {ENTRY.uri_template} have arguments.")


def answer_call(reader: Reader, *, tool: Tool, given: Mapping[str, Any], prefix: str) -> bytes:
    """Answer the call of a tool with compact JSON. Raises `Refused` for arguments that are unknown or invalid."""
    return to_json(tool.answer(reader, read_arguments(given, tool.arguments), prefix))


def why_unavailable(error: NothingServedError | ProblemError) -> str:
    """Say why nothing can be answered at the moment."""
    if isinstance(error, ProblemError):
        return str(error)
    lasting = error.problem.sentence if error.problem and not error.problem.temporary else None
    return lasting or "The dataset has not been read yet. Try again in a few seconds."
