"""Questions in words: which are answered, and from which fields.

    en.yaml  zh.yaml    the sentences of each intent, with examples, and the texts of its answers
    grammar             matches a whole question with the sentences
    linking             finds the names in a question
    facts               reads the entries of an answer, and notes the fields and sources that it uses
    answers             answers each intent
    asking              from a question to its answer, or to the reason why there is none

Nothing is guessed: a question of which a word is left over has no answer.
"""

from typing import Annotated

from pydantic import Field

from app.queries.parameters import QueryText, TextParams


class AskParams(TextParams):
    """The parameters of `/ask`; the language of an answer is that of the question, unless it is given."""

    question: Annotated[
        QueryText,
        Field(
            description="A question in English or Chinese, about what the entries say: what something is, who makes "
            "it, which are of a type, what a tool's string means. The response says what can be asked.",
            examples=["Which hypervisors are bare-metal?"],
        ),
    ]
