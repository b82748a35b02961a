"""The pages for browsers: the explorer, the API documentation and problem pages."""
