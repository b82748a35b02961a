"""The threads in which scans run, and the bounded queue in front of them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from app.api.problems import ProblemError, unavailable
from app.queries.refusals import Bilingual

Answer = TypeVar("Answer")
# A request that has waited this long is refused.
LONGEST_WAIT_SECONDS = 5.0
# From then on it is noticed if the client leaves. Noticing it costs a task, which most requests are too short for.
WATCHED_AFTER_SECONDS = 0.1


class RequestThreads:
    """Runs endpoints in the `threads` threads of an executor, while at most `queue_length` others wait."""

    def __init__(self, executor: Executor, threads: int, queue_length: int) -> None:
        self.executor = executor
        self.room = threads + queue_length
        self.taken = 0

    async def run(self, endpoint: Callable[[], Answer], receive: Receive) -> Answer:
        """Run an endpoint in a thread.

        Raises `ClientDisconnect` if its client leaves before its turn, and `ProblemError` if too many requests wait or
        this one has waited too long.
        """
        if self.taken >= self.room:
            raise unavailable(Bilingual("Too many requests are waiting.", "排队的请求过多。"))
        # The executor keeps a cancelled job until its turn comes; from a list, the request can be dropped at once.
        work = [endpoint]
        job = self.executor.submit(run_only, work)
        watch: asyncio.Task[ProblemError | None] | None = None

        def start_watch() -> None:
            nonlocal watch
            if not job.running():
                watch = asyncio.create_task(withdraw(job, receive))

        timer = asyncio.get_running_loop().call_later(WATCHED_AFTER_SECONDS, start_watch)
        self.taken += 1
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if watch is None or not watch.done() or not job.cancelled():
                raise
            raise (watch.result() or ClientDisconnect()) from None
        finally:
            self.taken -= 1
            work.clear()
            timer.cancel()
            if watch is not None:
                watch.cancel()


def run_only(work: list[Callable[[], Answer]]) -> Answer:
    """Run the only endpoint in a list."""
    return work.pop()()


async def withdraw(job: Future[Answer], receive: Receive) -> ProblemError | None:
    """Cancel a job that has not begun when its client leaves or has waited too long; return the refusal if late."""
    refusal = None
    try:
        async with asyncio.timeout(LONGEST_WAIT_SECONDS - WATCHED_AFTER_SECONDS):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        refusal = unavailable(
            Bilingual(
                f"The request has waited for {LONGEST_WAIT_SECONDS:g} seconds.",
                f"请求已等待 {LONGEST_WAIT_SECONDS:g} 秒。",
            )
        )
    job.cancel()
    return refusal
