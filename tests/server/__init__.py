"""What happens to every request, and the process."""
