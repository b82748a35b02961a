"""The formats of downloads: JSON in pieces, CSV, zip and SKOS."""
