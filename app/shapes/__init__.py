"""The JSON shapes that leave, and how a row becomes one."""
