"""What developers run that is neither the service nor a test."""
