"""From YAML to rows: the only code that writes to the database."""
