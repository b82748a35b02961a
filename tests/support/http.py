"""How answers are read, and what was read from the database for them."""

from contextlib import contextmanager
from urllib.parse import urlsplit

from sqlalchemy import Engine, event


def ids(response):
    """The ids of the entries on a page, in their order."""
    return [item["id"] for item in response.json()["items"]]


def problem(response):
    """The problem document of a response, whose form is checked."""
    document = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert list(document) == ["type", "title", "status", "detail", "instance", "errors"]
    assert document["status"] == response.status_code
    assert document["instance"] == urlsplit(str(response.url)).path
    return document


def headers(language=None, media_type=None, encoding="identity", **more):
    """The headers of a request."""
    named = {"Accept-Language": language, "Accept": media_type, "Accept-Encoding": encoding}
    return {name: value for name, value in named.items() if value} | more


def raw(client, method, url, sent):
    """All of a response that a client can see, the date and the request's id aside, its content as it was sent."""
    with client.stream(method, url, headers=sent) as response:
        content = b"".join(response.iter_raw())
        return response.status_code, {**response.headers, "date": "", "x-request-id": ""}, content


@contextmanager
def statements():
    """Every SELECT that any engine runs."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
