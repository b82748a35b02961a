"""Tests of the Model Context Protocol, through the client of its SDK."""
