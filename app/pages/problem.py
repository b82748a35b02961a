"""The HTML pages about problems: the page of an error, and `/problems`, which explains the kinds of problems."""

import json
from collections.abc import Mapping
from typing import Annotated

import yaml
from fastapi import Query, Request
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.problems import Kind, Problem, ProblemError
from app.api.responses import answer_language
from app.api.router import Router
from app.pages.rendering import HERE, render_page
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

    def example(self, kind: Kind, lang: Language) -> str:
        """Return the problem document that answers the example's request."""
        document = ProblemError(kind, self.detail, self.errors).document(self.path, lang)
        return json.dumps(document.model_dump(), ensure_ascii=False, indent=2)


# By the last part of the kind's URL.
EXPLANATIONS = TypeAdapter(dict[str, Explanation]).validate_python(
    yaml.safe_load((HERE / "problems.yaml").read_text(encoding="utf-8"))
)
KINDS = {kind.type.rpartition("/")[2]: kind for kind in Kind}


def render_problem(problem: Problem, lang: Language, headers: Mapping[str, str]) -> Response:
    """Render a problem document as HTML."""
    return render_page("problem.html", lang, status=problem.status, headers=headers, problem=problem)


@router.get("")
async def list_problems(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """List the kinds of problems, for people."""
    return render_page("problems.html", answer_language(request, params), kinds=KINDS)


@router.get("/{name}")
async def get_problem(request: Request, name: str, params: Annotated[TextParams, Query()]) -> Response:
    """Explain a kind of problem, to people."""
    if name not in KINDS:
        raise HTTPException(404)
    lang = answer_language(request, params)
    return render_page("problem_kind.html", lang, kind=KINDS[name], explanation=EXPLANATIONS[name])
