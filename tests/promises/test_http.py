"""The promise that an independent linter of HTTP finds nothing wrong with any answer."""

import pytest
from httplint import HttpRequestLinter, HttpResponseLinter
from httplint.note import levels

from tests.support.urls import OPERATIONS, PAGES, REQUESTS

# What the linter warns of, and why it stays.
EXPLAINED = {
    "STORE_PUBLIC_UNNECESSARY": "It lets shared caches answer clients that send Authorization (RFC 9111, section 3.5), "
    "as they do where a gateway wants it.",
}


def notes(client, method, url, **headers):
    """The status of an answer, and what the linter thinks of it."""
    asked = HttpRequestLinter()
    asked.process_request_topline(method.encode(), f"{client.base_url}{url}".encode(), b"HTTP/1.1")
    linter = HttpResponseLinter()
    linter.request = asked
    linter.is_head_response = method == "HEAD"
    with client.stream(method, url, headers=headers) as response:
        asked.process_headers(response.request.headers.raw)
        asked.finish_content(complete=True)
        linter.process_response_topline(
            b"HTTP/1.1", str(response.status_code).encode(), response.reason_phrase.encode()
        )
        linter.process_headers(response.headers.raw)
        for part in response.iter_raw():
            linter.feed_content(part)
    linter.finish_content(complete=True)
    wrong = [note for note in linter.notes if note.level in (levels.BAD, levels.WARN)]
    found = [f"{note.subject}: {note}" for note in wrong if type(note).__name__ not in EXPLAINED]
    return response.status_code, response.headers.get("etag"), found


def cases():
    """Each route's answers, the refusals among them, and those of the pages beside the API."""
    for url, (path, operation) in zip(REQUESTS, OPERATIONS, strict=True):
        yield url, 200
        if "404" in operation["responses"]:
            yield path.format(id="nope"), 404
        if operation.get("parameters"):
            yield f"{path.format(id='kvm')}?nope=1", 422
    yield from [("/hypervisors/esxi", 301), ("/nope", 404)]
    yield from [(url, 200) for url in PAGES if "?" not in url and url != "/nope"]


# Each coding once with GET; HEAD answers with the same headers, whatever the coding.
ASKED = [("GET", "identity"), ("GET", "gzip"), ("GET", "br"), ("GET", "zstd"), ("HEAD", "gzip")]


@pytest.mark.parametrize(("url", "status"), [*cases()])
def test_the_linter_finds_nothing_wrong(client, url, status):
    for method, encoding in ASKED:
        sent = {"Accept-Encoding": encoding}
        given, etag, found = notes(client, method, url, **sent)

        assert (given, found) == (status, [])
        assert (etag is not None) == (status == 200 and url not in ("/livez", "/readyz"))
        if etag:
            given, _, found = notes(client, method, url, **sent, **{"If-None-Match": etag})

            assert (given, found) == (304, [])
