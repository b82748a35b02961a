"""Running the application with uvicorn: one process, or several under a supervisor."""

import gc
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import parent_process
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.server.logs import logging_config
from app.server.metrics import FOLDER_VARIABLE, restart_counter
from app.server.protocol import Protocol
from app.settings import Settings

# How long a worker may take to answer its supervisor.
WORKER_SECONDS = 60


logger = logging.getLogger("app")


class CountersError(Exception):
    """There is no folder in which several workers can share their counters."""

    def __init__(self) -> None:
        super().__init__(
            "Several workers share their counters in a temporary folder, and none can be made. Make /tmp writable, set "
            "TMPDIR to a folder that is, or serve with one worker (--workers, TAXONOMY_WORKERS)."
        )


@contextmanager
def shared_counters(settings: Settings) -> Iterator[None]:
    """Make the folder in which several workers share their counters, and delete it at the end."""
    if settings.workers == 1:
        yield
        return
    try:
        folder = TemporaryDirectory(prefix="virt-taxonomy-")
    except OSError as error:
        raise CountersError from error
    with folder as name:
        os.environ[FOLDER_VARIABLE] = name
        yield


class Server(uvicorn.Server):
    """uvicorn's server, which logs when it begins to stop and when it has stopped."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the requests in flight."""
        began = log_stopping(self.config)
        await super().shutdown(sockets)
        log_stopped(began)


class Supervisor(Multiprocess):
    """uvicorn's supervisor, which logs and counts the workers that it replaces, and logs when it stops."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.restarts = restart_counter()
        self.began_to_stop = monotonic()

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have ended or that do not answer."""
        before = [(worker, worker.process.is_alive()) for worker in self.processes]
        super().keep_subprocess_alive()
        for (worker, alive), successor in zip(before, self.processes, strict=True):
            if worker is not successor:
                end = "did not answer" if alive else f"ended with exit code {worker.exitcode}"
                logger.error("Worker %s %s and was replaced by %s", worker.pid, end, successor.pid)
                self.restarts.inc(1)

    def terminate_all(self) -> None:
        """Tell every worker to stop."""
        self.began_to_stop = log_stopping(self.config)
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for every worker to end."""
        super().join_all()
        log_stopped(self.began_to_stop)


def log_stopping(config: uvicorn.Config) -> float:
    """Log that the service begins to stop; return the time for `log_stopped`."""
    logger.info("Stopping: requests in progress have %s seconds to finish", config.timeout_graceful_shutdown)
    return monotonic()


def log_stopped(began: float) -> None:
    """Log that the service has stopped."""
    logger.info("Stopped after %.1f seconds", monotonic() - began)


def stop_with_parent() -> None:
    """Stop this worker as a signal would when its supervisor ends, so that a killed one leaves no port in use."""
    if supervisor := parent_process():
        supervisor.join()
        logger.error("The supervisor %s has ended, and this worker with it", supervisor.pid)
        os.kill(os.getpid(), signal.SIGTERM)


def make_in_worker(factory: Callable[[Settings], ASGIApp], settings: Settings) -> ASGIApp:
    """Make the application of a worker process, which ends with its supervisor."""
    Thread(target=stop_with_parent, daemon=True).start()
    return factory(settings)


def raise_file_limit() -> None:
    """Raise the soft limit of open files, which bounds the connections, to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run(factory: Callable[[Settings], ASGIApp], settings: Settings, listener: socket.socket) -> None:
    """Serve the application that `factory` makes until a signal, then finish the requests in flight."""
    raise_file_limit()
    # Exclude everything imported so far from garbage collection; scanning it again is most of the shutdown time.
    gc.freeze()
    # Each worker process makes its own application from the settings, because an application cannot be pickled.
    application = partial(make_in_worker, factory, settings) if settings.workers > 1 else partial(factory, settings)
    config = uvicorn.Config(
        application,
        factory=True,
        workers=settings.workers,
        http=partial(  # type: ignore[arg-type]
            Protocol,
            header_seconds=settings.header_seconds,
            send_seconds=settings.send_seconds,
            path_prefix=settings.root_path,
        ),
        # Nothing here speaks WebSocket; a handshake is answered like any other request.
        ws="none",
        timeout_graceful_shutdown=settings.shutdown_seconds,
        # A worker answers the supervisor only after its imports, which take longer than uvicorn's 5 seconds on a slow
        # machine; it would be killed and started again without end.
        timeout_worker_healthcheck=WORKER_SECONDS,
        # `TrustedHosts` handles the headers of proxies.
        proxy_headers=False,
        log_config=logging_config(settings),
        access_log=False,
        server_header=False,
    )
    if settings.workers > 1:
        supervisor = Supervisor(config, [listener])
        supervisor.run()
        if STARTUP_FAILURE in [process.exitcode for process in supervisor.processes]:
            sys.exit(STARTUP_FAILURE)
        return
    # uvicorn finishes the requests in flight and raises the signal again; exit with 0, since stopping is no failure.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    Server(config).run(sockets=[listener])
