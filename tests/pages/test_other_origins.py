"""The promise that the pages of each origin that the operator names can read the API in a browser."""

import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Error

from app.main import create_app
from tests.support.servers import serving

READ = "url => fetch(url).then(response => response.json()).then(page => page.total, String)"


class EmptyPage(BaseHTTPRequestHandler):
    """Any path is an empty page."""

    def do_GET(self):
        """Answer with it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_):
        """Print nothing."""


@contextmanager
def origin():
    """An origin on the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_two_origins_of_one_site_can_read_what_the_other_has_read(browser, settings):
    """They share the browser's cache, which revalidates the answer of one for the other."""
    with ExitStack() as stack:
        first, second, unnamed = (stack.enter_context(origin()) for _ in range(3))
        named = settings.model_copy(update={"cors_origins": (first, second), "cache_max_age": 0})
        url = f"{stack.enter_context(serving(create_app(named)))}/hypervisors"
        page = browser.new_page()
        read = []
        for each in (first, second, first, second, unnamed, first):
            page.goto(each)
            read.append(page.evaluate(READ, url))
        page.close()

    assert read == [9, 9, 9, 9, "TypeError: Failed to fetch", 9]


# Each names a header that a browser must be permitted to send, and reads one that it must be permitted to show.
REVALIDATE = """async ([url, method]) => {
  const first = await fetch(url, {cache: "no-store"});
  const etag = first.headers.get("ETag");
  const headers = {"If-None-Match": etag, "X-Request-ID": "abc", traceparent: "00-1", "Content-Type": "text/csv"};
  const again = await fetch(url, {method, headers, cache: "no-store"});
  return [first.status, again.status, again.headers.get("X-Request-ID"), again.headers.get("ETag") === etag];
}"""


def test_a_script_of_another_origin_can_revalidate_and_name_its_request(browser, settings):
    with ExitStack() as stack:
        here = stack.enter_context(origin())
        for origins in (("*",), (here,)):
            app = create_app(settings.model_copy(update={"cors_origins": origins}))
            url = f"{stack.enter_context(serving(app))}/hypervisors"
            page = browser.new_page()
            page.goto(here)

            assert page.evaluate(REVALIDATE, [url, "GET"]) == [200, 304, "abc", True]
            with pytest.raises(Error, match="Failed to fetch"):
                page.evaluate(REVALIDATE, [url, "PUT"])
            page.close()
