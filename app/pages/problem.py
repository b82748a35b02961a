"""The HTML page of a problem document."""

from collections.abc import Mapping

from starlette.responses import Response

from app.api.problems import Problem
from app.pages.rendering import render_page
from app.store.tables import Language


def render_problem(problem: Problem, lang: Language, headers: Mapping[str, str]) -> Response:
    """Render a problem document as HTML."""
    return render_page("problem.html", lang, status=problem.status, headers=headers, problem=problem)
