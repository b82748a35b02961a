"""Bytes other than one JSON answer."""
