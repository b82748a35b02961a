"""The HTML pages about problems: the page of an error, and `/problems`, which explains the kinds of problems."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.problems import Kind, Problem, ProblemError
from app.api.responses import answer_language
from app.api.router import Router
from app.pages.rendering import read_texts, render_page
from app.path_prefix import prefix_of
from app.queries.parameters import TextParams
from app.queries.refusals import Bilingual, Fault
from app.store.tables import Language

router = Router(prefix="/problems", include_in_schema=False)


class Explanation(BaseModel, extra="forbid"):
    """What a page says of a kind of problem; its last fields are an example."""

    meaning: Bilingual
    remedy: Bilingual
    again: bool
    request: str = ""
    path: str
    detail: Bilingual | str
    errors: list[Fault] = []

    def request_under(self, prefix: str) -> str:
        """Return the example's request to a service under a path prefix."""
        return self.request.replace(" /", f" {prefix}/", 1)

    def example(self, kind: Kind, lang: Language, prefix: str) -> str:
        """Return the problem document that answers it."""
        scope = {"path": prefix + self.path, "root_path": prefix}
        document = ProblemError(kind, self.detail, self.errors).document(scope, lang)
        return json.dumps(document.model_dump(), ensure_ascii=False, indent=2)


@cache
def explanations() -> dict[str, Explanation]:
    """Return the explanation of each kind, by the last part of its URL."""
    return TypeAdapter(dict[str, Explanation]).validate_python(read_texts("problems.yaml"))


KINDS = {kind.type.rpartition("/")[2]: kind for kind in Kind}


def render_problem(problem: Problem, lang: Language, headers: Mapping[str, str], prefix: str) -> Response:
    """Render a problem document as HTML."""
    return render_page("problem.html", lang, prefix, status=problem.status, headers=headers, problem=problem)


@router.get("")
async def list_problems(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """List the kinds of problems, for people."""
    lang = answer_language(request, params.lang)
    return render_page("problems.html", lang, prefix_of(request.scope), kinds=KINDS)


@router.get("/{name}")
async def get_problem(request: Request, name: str, params: Annotated[TextParams, Query()]) -> Response:
    """Explain a kind of problem, to people."""
    if name not in KINDS:
        raise HTTPException(404)
    lang = answer_language(request, params.lang)
    prefix = prefix_of(request.scope)
    return render_page("problem_kind.html", lang, prefix, kind=KINDS[name], explanation=explanations()[name])
