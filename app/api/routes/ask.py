"""`/ask`: a question in words, and the answer of the dataset."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.negotiation import JSON
from app.api.responses import accepted_media_type, json_response
from app.api.router import Router
from app.api.state import open_dataset
from app.queries.ask.parameters import AskParams
from app.shapes.answers import AnswerPublic

router = Router(prefix="/ask", tags=["find"])


@router.get("", response_model=AnswerPublic, response_description="The answer.", summary="Ask a question")
def ask_question(request: Request, params: Annotated[AskParams, Query()]) -> Response:
    """Answer a question in words, in English or Chinese, or say why there is no answer.

    What is asked about entries: what something is, of which type, who makes it, its licence, status, website, other
    names, identifiers and sources, what it is based on, and how two differ; which entries are of a type, by a vendor or
    under a licence, and how many; and what a string of a tool means. Nothing is guessed: a question that is not
    understood to the last word has no answer, but a `reason`, the nearest passages, and questions that have one.

    Each statement of an answer is that of a field, with its sources; `same_as` is the request that returns the same.
    The answer is in the language of the question, unless `lang` is given.
    """
    from app.queries.ask.asking import ask  # noqa: PLC0415 (nothing of it is loaded before the first question)

    accepted_media_type(request, JSON)
    with open_dataset(request) as reader:
        answer = ask(reader, params.question, params.lang)
    return json_response(request, answer, answer["lang"])
