"""What is asked over HTTP: one file a URL."""
