"""YAML to rows: the only code that writes."""
