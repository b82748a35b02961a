"""The parameters of `/ask`."""

from typing import Annotated

from pydantic import Field

from app.queries.parameters import QueryText, TextParams


class AskParams(TextParams):
    """The parameters of `/ask`; the language of an answer is that of the question, unless it is given."""

    question: Annotated[
        QueryText,
        Field(
            description="A question in English or Chinese, about what the entries say: what something is, who makes "
            "it, which are of a type, what a tool's string means. `Which hypervisors are bare-metal?` is answered; "
            "`Why is KVM fast?` is refused, with a reason and questions that have an answer.",
            examples=["Which hypervisors are bare-metal?"],
        ),
    ]
