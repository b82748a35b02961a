"""The page of a problem document."""

from collections.abc import Mapping

from starlette.responses import Response

from app.api.problems import Problem
from app.pages.rendering import page


def problem_page(problem: Problem, lang: str, headers: Mapping[str, str]) -> Response:
    """Show a problem document to a person."""
    return page("problem.html", lang, status=problem.status, headers=headers, problem=problem)
