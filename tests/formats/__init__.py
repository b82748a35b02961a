"""The formats beside JSON."""
