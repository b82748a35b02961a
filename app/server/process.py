"""Running the application with uvicorn: one process, or several under a supervisor."""

import gc
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

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.server.logs import logging_config
from app.server.metrics import FOLDER_VARIABLE
from app.server.protocol import Protocol
from app.settings import Settings

# How long a worker may take to answer its supervisor.
WORKER_SECONDS = 60


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


def stop_with_parent() -> None:
    """Stop this worker as a signal would when its supervisor ends, so that a killed one leaves no port in use."""
    if supervisor := parent_process():
        supervisor.join()
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
        supervisor = Multiprocess(config, [listener])
        supervisor.run()
        if STARTUP_FAILURE in [process.exitcode for process in supervisor.processes]:
            sys.exit(STARTUP_FAILURE)
        return
    # uvicorn finishes the requests in flight and raises the signal again; exit with 0, since stopping is no failure.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    uvicorn.Server(config).run(sockets=[listener])
