"""Bytes on one connection, as they are sent, and the answers that come back on it."""

import json
import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from app.server.protocol import Protocol
from tests.support.servers import running

HOST = b"Host: x\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """An answer on a connection, its content as it was sent."""

    status: int
    head: bytes
    content: bytes

    @property
    def closes(self):
        """Whether it says that it is the last one."""
        return b"connection: close" in self.head

    @property
    def headers(self):
        """The names of its headers, in lower case."""
        return {line.partition(b":")[0].decode() for line in self.head.lower().splitlines()[1:]}

    @property
    def problem(self):
        """The problem document."""
        assert b"content-type: application/problem+json" in self.head
        document = json.loads(self.content)
        assert document["status"] == self.status
        return document


@contextmanager
def served(app, header_seconds=5.0, send_seconds=5.0):
    """The port of an application that this process serves with our protocol."""
    protocol = partial(Protocol, header_seconds=header_seconds, send_seconds=send_seconds)
    with running(app, http=protocol, ws="none") as (_, base_url):
        yield urlsplit(base_url).port


def get(path, *headers):
    """A GET request."""
    return b"".join([b"GET ", path.encode(), b" HTTP/1.1\r\n", *[header + b"\r\n" for header in headers], HOST])


def connect(port, **options):
    """A connection to the server."""
    connection = socket.socket()
    for option, value in options.items():
        connection.setsockopt(socket.SOL_SOCKET, getattr(socket, option), value)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_answer(stream, methods):
    """The next answer; None if the connection was closed before it began. `methods` are those of the requests."""
    head = b"".join(iter(stream.readline, b"\r\n")) if (first := stream.peek(1)[:1]) else b""
    if not first:
        return None
    status = int(re.match(rb"HTTP/1.1 (\d{3}) ", head)[1])
    length = re.search(rb"^content-length: (\d+)\r$", head, re.MULTILINE)
    if next(methods, "GET") == "HEAD" or status == 304:
        return Answer(status, head, b"")
    content = stream.read(int(length[1])) if length else stream.read()
    assert length is None or len(content) == int(length[1]), "the answer was cut"
    return Answer(status, head, content)


def read_answers(connection, methods=()):
    """All answers until the server closes the connection."""
    methods = iter(methods)
    with connection.makefile("rb") as stream:
        return list(iter(lambda: read_answer(stream, methods), None))


def exchange(port, *parts, half_close=True):
    """The answers to some bytes, sent in parts, on a connection that is then closed on our side."""
    with connect(port) as connection:
        for part in parts:
            connection.sendall(part)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return read_answers(connection)


def statuses(answers):
    """The statuses of some answers."""
    return [answer.status for answer in answers]
