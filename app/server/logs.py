"""How log lines look: JSON for machines, text for people; each with the id of the request that it is about."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from app.settings import Settings

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says beside its message."""
    said: dict[str, Any] = dict(getattr(record, "fields", {}))
    if identifier := request_id.get():
        said["request_id"] = identifier
    return said


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return to_json(line, fallback=str).decode()


class TextFormatter(logging.Formatter):
    """Time, level, message, and what else there is to say."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The line without a trace."""
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in fields(record).items())])


def is_json(settings: Settings) -> bool:
    """Whether lines are JSON: as the setting says, else where no terminal shows them."""
    return settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())


def configuration(settings: Settings) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes; the same for all loggers, the server's included."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if is_json(settings) else TextFormatter}},
        "handlers": {"standard error": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["standard error"], "level": "WARNING"},
        "loggers": {"app": {"level": "INFO"}},
    }
