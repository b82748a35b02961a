"""Log lines: JSON for machines or text for people, with the id of the request that caused them."""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from pydantic_core import to_json

from app.settings import Settings

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# Controls, line separators and the characters that change the direction of text: a client could forge a line with them,
# or move the cursor of the terminal on which it is read.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escape_unsafe(text: str) -> str:
    """Write unsafe characters as escapes of JSON."""
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def extra_fields(record: logging.LogRecord) -> dict[str, Any]:
    """Collect the fields of a record that follow its message, the request's id included."""
    extra: dict[str, Any] = dict(getattr(record, "fields", {}))
    if identifier := request_id.get():
        extra["request_id"] = identifier
    return extra


class JsonFormatter(logging.Formatter):
    """Formats each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record, with the stack trace of an exception as one of its fields."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
            **extra_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # JSON itself escapes only the controls below U+0020.
        return escape_unsafe(to_json(line, fallback=str).decode())


class TextFormatter(logging.Formatter):
    """Formats each record as time, process id, level, message and further fields."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Format a record without its stack trace."""
        return escape_unsafe(
            " ".join(
                [super().formatMessage(record), *(f"{name}={value}" for name, value in extra_fields(record).items())]
            )
        )

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 (logging's name)
        """Format a stack trace, which has several lines."""
        return "\n".join(map(escape_unsafe, super().formatException(ei).split("\n")))


def is_json(settings: Settings) -> bool:
    """Whether log lines are JSON: as set, or by default if standard error is not a terminal."""
    return settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())


def logging_config(settings: Settings) -> dict[str, Any]:
    """Configure all loggers, uvicorn's included; the result is for `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if is_json(settings) else TextFormatter}},
        "handlers": {"standard error": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["standard error"], "level": "WARNING"},
        "loggers": {"app": {"level": "INFO"}},
    }
