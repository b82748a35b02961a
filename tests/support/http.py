"""How answers are read, and what was read from the snapshot for them."""

from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import urlsplit

from app.store.snapshot import Reader


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


def urls_in(content):
    """The URLs of this service in JSON."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name == "url" and isinstance(value, str) and not value.startswith(("https://", "http://")):
                yield value
            else:
                yield from urls_in(value)
    elif isinstance(content, list):
        for item in content:
            yield from urls_in(item)


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
def before_each_statement(note):
    """Call a function with the text of each statement before a snapshot is read with it."""

    def noting(method):
        def run(reader, statement, *values):
            note(statement.text)
            return method(reader, statement, *values)

        return run

    with patch.object(Reader, "rows", noting(Reader.rows)), patch.object(Reader, "stream", noting(Reader.stream)):
        yield


@contextmanager
def statements():
    """Every statement with which a snapshot is read."""
    seen = []
    with before_each_statement(seen.append):
        yield seen
