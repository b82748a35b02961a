"""What happens to every request, and the process that serves."""
