"""The command line: ``virt-taxonomy serve | migrate | seed | check | release | mcp | export-…``."""

import gc
import json
import logging
import os
import socket
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from logging.config import dictConfig
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app import terminal
from app.api.openapi import with_vocabularies
from app.database_url import describe_database
from app.main import create_app
from app.packs.faults import PackError
from app.packs.prepare import copy_database, copy_packs, hash_sources, prepare
from app.queries.vocabularies import read_vocabularies
from app.server import process
from app.server.logs import is_json, logging_config
from app.settings import MCP_MISSING, Settings, explain_setting, is_mcp_installed
from app.static_copy import CopyError, write_copy
from app.store.engines import is_file_missing, reading_engine, writing_engine
from app.store.inspection import NO_FILE, Load, describe_error, inspect_database, read_version, version_problem
from app.store.migration import MigrationError, known_versions, upgrade
from app.store.snapshot import Snapshot

logger = logging.getLogger("app")

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def print_version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it with the option's value)
    """Print the version and end the command."""
    if wanted:
        typer.echo(f"virt-taxonomy {version('virtualization-taxonomy-api')}")
        raise typer.Exit


@cli.callback()
def describe_command(
    *,
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Serve the virtualization taxonomy. Settings are TAXONOMY_* variables; the README lists them."""


cli.command()(terminal.lookup)
cli.command()(terminal.identify)


class CommandError(Exception):
    """Ends a command with one line that says what to do."""


def open_listener(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises `CommandError` if the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Of an unknown name, create_server reports the number of an error that the system does not have.
        socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        return socket.create_server((host, port), family=family, backlog=2048)
    except (socket.gaierror, UnicodeError) as error:
        raise CommandError(
            f"Cannot listen on {host}: it is neither an address of this machine nor a name that leads to one. "
            "Choose another address (--host, TAXONOMY_HOST), for example 127.0.0.1."
        ) from error
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}. "
            "Choose another port (--port, TAXONOMY_PORT) or address (--host, TAXONOMY_HOST)."
        ) from error


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; overrides TAXONOMY_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; overrides TAXONOMY_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(help="Number of worker processes; overrides TAXONOMY_WORKERS.")] = None,
    *,
    no_prepare: Annotated[
        bool,
        typer.Option(
            "--no-prepare", help="Do not write to the database; until it is ready, /readyz says what is missing."
        ),
    ] = False,
) -> None:
    """Create or update the database, then serve the API."""
    given: dict[str, Any] = {
        name: value for name, value in (("host", host), ("port", port), ("workers", workers)) if value is not None
    }
    settings = Settings(**given)
    # Before the database is prepared, so that a port in use is reported at once.
    listener = open_listener(settings.host, settings.port)
    dictConfig(logging_config(settings))
    with process.shared_counters(settings):
        announce(settings, None if no_prepare else prepare(settings))
        process.run(create_app, settings, listener)


def announce(settings: Settings, revision: str | None) -> None:
    """Log what is started, and print a few URLs unless the log is for machines; `revision` is the one just loaded."""
    base = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{settings.port}"
    loaded = {"packs": ",".join(settings.packs), "revision": revision} if revision else {}
    fields = {**loaded, "database": describe_database(settings.url), "workers": settings.workers}
    number = version("virtualization-taxonomy-api")
    logger.info("Starting version %s at %s", number, base, extra={"fields": fields})
    if not is_json(settings):
        typer.echo(f"Serving:\n  {base}/\n  {base}/docs\n  {base}/hypervisors?type=bare-metal\n  {base}/taxonomy")


@cli.command()
def migrate() -> None:
    """Migrate the database to the schema of this version."""
    engine = writing_engine(Settings().url)
    typer.echo(upgrade(engine))
    engine.dispose()


@cli.command()
def seed(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False
) -> None:
    """Load the packs into a migrated database; do nothing if they are already loaded."""
    from app.packs.load import compare, load, read_packs  # noqa: PLC0415 (as in `prepare`)

    settings = Settings()
    packs = read_packs(settings.seed_dir, settings.packs)
    engine = reading_engine(settings) if dry_run else writing_engine(settings.url)
    if is_file_missing(engine):
        raise CommandError(NO_FILE)
    with engine.connect() as connection:
        if problem := version_problem(read_version(connection), known_versions()):
            raise CommandError(problem)
    typer.echo(compare(engine, packs) if dry_run else load(engine, packs, hash_sources(settings)).changes)
    engine.dispose()


@cli.command()
def check() -> None:
    """Check the packs without touching a database."""
    from app.packs.load import read_packs  # noqa: PLC0415 (as in `prepare`)

    settings = Settings()
    packs = read_packs(settings.seed_dir, settings.packs)
    typer.echo(f"{', '.join(pack.header.id for pack in packs)}: no errors.")


@cli.command()
def release(
    pack: Annotated[str, typer.Argument(help="The pack, a folder in TAXONOMY_SEED_DIR.")],
    version: Annotated[str, typer.Argument(help="The version, which must be higher than the last.")],
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day of the release; by default, today.")
    ] = None,
) -> None:
    """Release a pack: write into its changes.yaml what differs from the last release, and set its version."""
    from app.packs.release import release_pack  # noqa: PLC0415 (as in `prepare`)

    settings = Settings()
    typer.echo(release_pack(settings, pack, version, (day or datetime.now(UTC)).date()))


@cli.command()
def mcp() -> None:
    """Answer the questions of a model on the standard input (Model Context Protocol), without a service."""
    if not is_mcp_installed():
        raise CommandError(f"virt-taxonomy mcp: {MCP_MISSING}")
    from app.mcp.stdio import serve_stdio  # noqa: PLC0415 (it takes a second)

    serve_stdio(copy_served(Settings()))


def copy_served(settings: Settings) -> Snapshot:
    """Copy what the service would serve; where its SQLite file is not loaded, what the packs say."""
    engine = reading_engine(settings)
    found: Load | str = NO_FILE
    if not is_file_missing(engine):
        with engine.connect() as connection:
            found = inspect_database(connection, known_versions())
    engine.dispose()
    if isinstance(found, Load):
        return copy_database(settings)
    if settings.url.get_backend_name() == "sqlite":
        return copy_packs(settings)
    raise CommandError(found)


@cli.command()
def export_openapi() -> None:
    """Print the OpenAPI document for the packs, without touching the database."""
    settings = Settings()
    with copy_packs(settings).reader() as reader:
        vocabularies = read_vocabularies(reader)
    typer.echo(format_json(with_vocabularies(create_app(settings).openapi(), vocabularies)))


@cli.command()
def export_schema() -> None:
    """Print the JSON Schema of a pack's files."""
    from app.packs.content import pack_schema  # noqa: PLC0415 (as in `prepare`)

    typer.echo(format_json(pack_schema()))


@cli.command()
def export_site(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder, or an earlier copy.")],
) -> None:
    """Write the answers as files that any web server can serve, without touching the database."""
    try:
        number = write_copy(Settings(), folder)
    except OSError as error:
        raise CommandError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    typer.echo(f"{folder}: {number} files.")


def format_json(document: dict[str, Any]) -> str:
    """Format a document as it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def main() -> None:
    """Run a command; an error that the user can correct ends it with one line and exit code 1."""
    # What is imported by now stays.
    gc.freeze()
    gc.enable()
    try:
        cli()
    except (CommandError, CopyError, terminal.UsageError, MigrationError, PackError, process.CountersError) as error:
        sys.exit(str(error))
    except ValidationError as error:
        sys.exit("\n".join(map(explain_setting, error.errors())))
    except DBAPIError as error:
        url = describe_database(Settings().url)
        sys.exit(f"The database {url} cannot be used: {describe_error(error)}")
