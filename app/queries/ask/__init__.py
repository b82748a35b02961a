"""Questions in words: which are answered, and from which fields.

    en.yaml  zh.yaml    the sentences of each intent, with examples, and the texts of its answers
    parameters          of `/ask`
    grammar             matches a whole question with the sentences
    linking             finds the names in a question
    facts               reads the entries of an answer, and notes the fields and sources that it uses
    answers             answers each intent
    asking              from a question to its answer, or to the reason why there is none

Nothing is guessed: a question of which a word is left over has no answer.
"""
