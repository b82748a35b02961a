"""The URL of the database: which are accepted, and how one is shown to people. No message repeats any of its parts."""

import re
from ipaddress import ip_address

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

POSTGRESQL = "postgresql+psycopg"
EXAMPLE = "postgresql+psycopg://USER:PASSWORD@HOST/NAME"
HIGHEST_PORT = 65535
# A name or an address with or without its port, the folder of a socket, or an abstract socket.
QUERY_HOST = re.compile(r"@?[\w./,-]*(:\d+)?|[\da-fA-F:.]+")
# What of the query says where the database is; anything else may be a secret.
SHOWN = ("host", "port")


def parse_database_url(text: str) -> URL:
    """Parse a URL, with ``postgresql:`` and the legacy ``postgres:`` resolved to psycopg. Raises `ValueError`."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The error would quote the part that it does not understand, such as a password in the place of the port.
        raise ValueError(
            f"this is not a database URL; write for example sqlite:///virt-taxonomy.db or {EXAMPLE}"
        ) from None
    return url.set(drivername=POSTGRESQL) if url.drivername in ("postgresql", "postgres") else url


def describe_database(url: URL) -> str:
    """Show a URL to people: without its password, which may also be in the query."""
    query = {name: value for name, value in url.query.items() if name in SHOWN}
    return url.set(query=query).render_as_string(hide_password=True)


def check_database_url(text: str) -> None:
    """Raise `ValueError` with a sentence if the service cannot open the database of a URL."""
    url = parse_database_url(text)
    if url.drivername == POSTGRESQL:
        check_postgresql(url, text)
    elif url.drivername == "sqlite":
        check_sqlite(url)
    else:
        raise ValueError(f"'{url.drivername}' cannot be used; write sqlite:///FILE or postgresql+psycopg://…")


def check_sqlite(url: URL) -> None:
    """Refuse an SQLite URL that is not one of a file and nothing else."""
    if url.username or url.password or url.host or url.port:
        raise ValueError("an SQLite database is a file, not a server; write sqlite:///FILE, with three slashes")
    if url.database in (None, "", ":memory:"):
        raise ValueError("an SQLite database must be a file, for example sqlite:///virt-taxonomy.db")
    if url.query:
        raise ValueError(
            "an SQLite URL takes no parameters; write sqlite:///FILE, and serve a file that is read-only "
            "with --no-prepare"
        )


def check_postgresql(url: URL, text: str) -> None:
    """Refuse a PostgreSQL URL in which a part of the password stands elsewhere, or which libpq would not accept."""
    # Imported here, so that a service on SQLite starts without it.
    from psycopg.pq import Conninfo  # noqa: PLC0415

    hosts = all(map(QUERY_HOST.fullmatch, as_list(url.query.get("host", ())))) and is_host(url.host or "")
    if not hosts or re.search("[:;=@]", f"{url.username} {url.database}"):
        raise ValueError(
            f"the user, the host or the name of the database cannot be right; write {EXAMPLE}, and in the password "
            "%40 for @, %3A for : and %2F for /"
        )
    if url.port is not None and url.port > HIGHEST_PORT:
        raise ValueError(
            f"the port is above {HIGHEST_PORT}; if it is the password, the host is missing: write {EXAMPLE}"
        )
    # SQLAlchemy ignores a parameter without a value, which may be the rest of a password.
    behind_user = text.partition("@")[2] if url.username is not None else text
    parameters = behind_user.partition("?")[2]
    complete = not parameters or all("=" in parameter for parameter in parameters.split("&"))
    if not complete or not {*url.query} <= {option.keyword.decode() for option in Conninfo.get_defaults()}:
        raise ValueError("a parameter is not one of libpq's; in a password, write %26 for & and %3F for ?")
    try:
        url.get_dialect()().create_connect_args(url)
    except (ArgumentError, ValueError):
        raise ValueError(
            "the parameters host and port do not fit together; write host=NAME:PORT for each host"
        ) from None


def is_host(host: str) -> bool:
    """Whether a text can be the host of a URL: nothing, names, or an address."""
    try:
        return re.fullmatch(r"[\w.,-]*", host) is not None or bool(ip_address(host))
    except ValueError:
        return False


def as_list(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of a parameter, which SQLAlchemy gives as one text if there is one."""
    return (value,) if isinstance(value, str) else value
