"""HTTP: how a question comes and how an answer looks."""
