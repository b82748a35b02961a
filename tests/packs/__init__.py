"""From YAML to rows."""
