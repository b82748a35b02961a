"""The questions that the API answers: one per file, with its parameters and its SQL; no HTTP."""
