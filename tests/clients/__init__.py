"""Tools and clients that other people make out of the OpenAPI document."""
