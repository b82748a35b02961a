"""The tests: one file a resource, one file a promise."""
