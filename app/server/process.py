"""How the application is run: one process, or several under a supervisor."""

import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.server.logs import configuration
from app.server.metrics import FOLDER
from app.server.protocol import Protocol
from app.settings import Settings


def raise_file_limit() -> None:
    """Let the process hold as many connections as it may: the usual limit is lower, for the sake of old programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run(factory: Callable[[Settings], ASGIApp], settings: Settings, listener: socket.socket) -> None:
    """Serve the application that `factory` makes until told to stop; what is in flight then is finished."""
    raise_file_limit()
    # Exclude everything imported so far from garbage collection; scanning it again is most of the shutdown time.
    gc.freeze()
    # Made anew in each process, which gets the settings and not the application.
    application = partial(factory, settings)
    config = uvicorn.Config(
        application,
        factory=True,
        workers=settings.workers,
        http=partial(Protocol, header_seconds=settings.header_seconds),  # type: ignore[arg-type]
        timeout_graceful_shutdown=settings.shutdown_seconds,
        # `TrustedHosts` reads what proxies say.
        proxy_headers=False,
        log_config=configuration(settings),
        access_log=False,
        server_header=False,
    )
    if settings.workers > 1:
        with TemporaryDirectory(prefix="virt-taxonomy-") as folder:
            os.environ[FOLDER] = folder
            supervisor = Multiprocess(config, [listener])
            supervisor.run()
        if STARTUP_FAILURE in [process.exitcode for process in supervisor.processes]:
            sys.exit(STARTUP_FAILURE)
        return
    # The server finishes what is in flight and then raises the signal again: it is what was asked for, no failure.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    uvicorn.Server(config).run(sockets=[listener])
