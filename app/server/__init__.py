"""The layers that every request passes, the process that serves, and what operators see of it."""
