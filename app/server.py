"""How the application is run: one process, or several under a supervisor."""

import os
import signal
import socket
import sys
from functools import partial
from tempfile import TemporaryDirectory

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.logs import configuration
from app.main import create_app
from app.metrics import FOLDER
from app.settings import Settings


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve until told to stop; what is in flight then is finished."""
    # Made anew in each process, which gets the settings and not the application.
    application = partial(create_app, settings)
    config = uvicorn.Config(
        application,
        factory=True,
        workers=settings.workers,
        forwarded_allow_ips=list(settings.trusted_proxies),
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
