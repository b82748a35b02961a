"""One module a resource, named after its URL."""
