"""PostgreSQL within our own time limits: no option of libpq ends the wait for a server that is frozen."""

import threading
import time
from math import inf
from typing import Any, Self

from psycopg import Connection
from psycopg.abc import PQGen, PQGenConn
from psycopg.errors import ConnectionTimeout, OperationalError
from sqlalchemy import PoolProxiedConnection, QueuePool
from typing_extensions import override

# psycopg waits at least this long for a new connection.
SHORTEST_CONNECT_SECONDS = 2


class Checkout(threading.local):
    """The time by which the pool must give this thread a connection."""

    deadline = inf

    def seconds_left(self) -> float:
        """Return the seconds until then."""
        return max(self.deadline - time.monotonic(), 0)


checkout = Checkout()


class PunctualPool(QueuePool):
    """A pool whose time-out covers all of a checkout: a free connection, the test that it answers, a new connection."""

    @override
    def connect(self) -> PoolProxiedConnection:
        checkout.deadline = time.monotonic() + self.timeout()
        try:
            return super().connect()
        finally:
            checkout.deadline = inf


class PunctualConnection(Connection[Any]):
    """A connection that closes itself if the server has not answered within `seconds`."""

    seconds = inf

    @classmethod
    def open(cls, *arguments: Any, seconds: float, **options: Any) -> Self:
        """Open a connection within the time that the checkout has left."""
        connection = cls.connect(*arguments, **options, connect_timeout=round(checkout.seconds_left()))
        connection.seconds = seconds
        return connection

    @classmethod
    @override
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        # psycopg calls this for each address of the server, and would wait for each as long as for the first.
        if round(checkout.seconds_left()) < SHORTEST_CONNECT_SECONDS:
            raise ConnectionTimeout("the time for a connection is over")
        return super()._connect_gen(conninfo)

    @override
    def wait(self, gen: PQGen[Any], *arguments: Any, **options: Any) -> Any:
        return super().wait(self.limit(gen), *arguments, **options)

    def limit(self, gen: PQGen[Any]) -> PQGen[Any]:
        """Pass on what a wait yields and gets; psycopg resumes it every tenth of a second, with 0 if nothing came."""
        deadline = min(time.monotonic() + self.seconds, checkout.deadline)
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    self.pgconn.finish()
                    raise OperationalError("the server has not answered in time")
                wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value
