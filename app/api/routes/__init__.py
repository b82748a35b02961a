"""The routes: one file per URL."""
