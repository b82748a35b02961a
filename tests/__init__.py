"""The tests, laid out as app/ is; promises/ has what holds for all answers, support/ what several tests use."""
