"""From YAML to rows: the only code that writes entries."""
