"""HTTP: routes, query strings, content negotiation, responses, problem documents, OpenAPI."""
