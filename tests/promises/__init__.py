"""Promises about all answers: one file a promise."""
