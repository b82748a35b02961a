"""The promise that whatever bytes come on a connection, in whichever pieces, each request gets its answer or none does.

A model says which answers a stream of messages may have. A message that asks for an unknown path is answered with that
path, so that an answer to another request shows.
"""

import socket
import time
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.main import create_app
from tests.support.streams import HOST, connect, read_answers, served

SECONDS = 0.3
# Stands for so many bytes that Hypothesis would rather not print them.
LONG = b"LONG"


@dataclass(frozen=True)
class Sent:
    """A message as it is sent, and how it may be answered."""

    head: bytes
    body: bytes = b""
    status: int = 404
    method: str = "GET"
    # Whether nothing behind it is answered.
    last: bool = False

    def __repr__(self):
        return f"Sent({self.head[:99]}, {self.body[:99]}, {len(self.body)})"

    @property
    def content(self):
        """All its bytes."""
        return self.head + self.body


def chunked(parts, trailer):
    """A chunked body."""
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    return b"".join([*chunks, b"0\r\n", b"Host: z\r\nX: y\r\n" if trailer else b"", b"\r\n"])


def head(method, *headers, version=b"1.1"):
    """The head of a request for a path to which a number is added."""
    lines = [method.encode() + b" /nope-%d HTTP/" + version, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


NOISE = st.one_of(
    st.binary(max_size=12), st.sampled_from([b"\r\n\r\n", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"0\r\n\r\n"])
)
# A method without a route gets a 404 as well.
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE"])
MESSAGES = st.one_of(
    METHODS.map(lambda method: Sent(head(method, b"Host: x"), method=method)),
    st.just(Sent(head("HEAD", b"Host: x"), method="HEAD")),
    st.builds(
        lambda method, body: Sent(head(method, b"Host: x", b"Content-Length: %d" % len(body)), body, method=method),
        METHODS,
        st.lists(NOISE, max_size=4).map(b"".join),
    ),
    st.builds(
        lambda parts, trailer: Sent(head("POST", b"Host: x", b"Transfer-Encoding: chunked"), chunked(parts, trailer)),
        st.lists(NOISE.filter(bool), max_size=3),
        st.booleans(),
    ),
    st.just(Sent(head("POST", b"Host: x", b"Content-Length: 200000"), LONG, method="POST")),
    st.sampled_from(
        [
            Sent(head("GET"), status=400),
            Sent(head("GET", b"Host: x", b"Host: x"), status=400),
            Sent(head("GET", b"Host: x", b"Connection: upgrade", b"Upgrade: websocket")),
            Sent(head("GET", version=b"1.0"), last=True),
            Sent(head("GET", b"Host: x", b"Connection: close"), last=True),
            Sent(b"\x16\x03\x01\r\n\r\n", status=400, last=True),
            Sent(b"GET /\xff HTTP/1.1\r\n" + HOST, status=400, last=True),
            Sent(head("GET", b"Host: x", b"X : y"), status=400, last=True),
            Sent(head("GET", b"Host: x", b"X: " + LONG), status=431, last=True),
            Sent(head("POST", b"Host: x", b"Content-Length: 3", b"Transfer-Encoding: chunked"), status=400, last=True),
            Sent(head("POST", b"Host: x", b"Transfer-Encoding: chunked"), b"zz\r\n\r\n", 400, "POST", last=True),
        ]
    ),
)
STREAMS = st.lists(MESSAGES, min_size=1, max_size=5)
CUTS = st.lists(st.floats(0, 1), max_size=4)


@pytest.fixture(scope="module")
def port(new_database):
    """The port of a service that does not wait long for a head."""
    with served(create_app(new_database("sqlite")), header_seconds=SECONDS) as port:
        yield port


def send(connection, content, cuts, *, pausing):
    """Send bytes in pieces; the server may have closed the connection before all are sent."""
    places = sorted({0, len(content), *(round(cut * len(content)) for cut in cuts)})
    try:
        for begin, end in pairwise(places):
            connection.sendall(content[begin:end])
            if pausing:
                time.sleep(0.003)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        return


def check(answers, messages, cut):
    """Hold the answers to the model; `cut` is how many bytes of the messages were sent."""
    position = 0
    for number, message in enumerate(messages):
        begin, position = position, position + len(message.content)
        if number == len(answers):
            # A request that was cut is not answered; nor is anything behind an answer that closes the connection.
            assert cut < position or (number and answers[-1].closes)
            return
        answer = answers[number]
        assert cut >= begin + len(message.head) or (message.status == 431 and cut > begin + 65_536) or message.last
        # A body that came too late for it to be refused was not looked at.
        assert answer.status in ({400, 404} if message.status == 400 and message.body else {message.status})
        if answer.status == 404 and message.method != "HEAD":
            assert answer.problem["instance"] == f"/nope-{number}"
        if answer.closes:
            assert message.last or message.body
            assert len(answers) == number + 1
            return
        assert not message.last
    assert len(answers) == len(messages)


def numbered(messages):
    """The messages, each of which asks for another path."""
    return [
        replace(
            message,
            head=message.head.replace(b"%d", b"%d" % number).replace(LONG, b"y" * 200_000),
            body=message.body.replace(LONG, b"G" * 200_000),
        )
        for number, message in enumerate(messages)
    ]


@settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(STREAMS, CUTS, st.booleans(), st.one_of(st.just(1.0), st.floats(0, 1)))
@pytest.mark.slow
def test_each_request_gets_its_answer_or_none(port, messages, cuts, pausing, sent):
    messages = numbered(messages)
    content = b"".join(message.content for message in messages)
    cut = round(sent * len(content))
    with connect(port) as connection:
        send(connection, content[:cut], cuts, pausing=pausing)
        answers = read_answers(connection, [message.method for message in messages])

    check(answers, messages, cut)


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(STREAMS, CUTS, st.integers(0, 255), st.floats(0, 1))
def test_a_wrong_byte_spoils_no_answer_before_it(port, messages, cuts, byte, place):
    # Whether an answer to HEAD has content is not known of one that may have become another method.
    messages = numbered([message for message in messages if message.method != "HEAD"])
    assume(messages)
    content = bytearray(b"".join(message.content for message in messages))
    content[min(round(place * len(content)), len(content) - 1)] = byte
    wrong = min(round(place * len(content)), len(content) - 1)
    with connect(port) as connection:
        send(connection, bytes(content), cuts, pausing=False)
        answers = read_answers(connection)

    whole, position = [], 0
    for message in messages:
        position += len(message.content)
        if position > wrong:
            break
        whole.append(message)
    check(answers[: len(whole)], whole, wrong)
    assert {answer.status for answer in answers} <= {400, 404, 405, 408, 431, 505} | {200}
