"""The Model Context Protocol: the questions of the API as tools of a model, over HTTP (`/mcp`) and over stdio."""
