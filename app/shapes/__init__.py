"""The JSON shapes of answers, and how a row becomes one."""
