"""What can be asked: a question a file, with its parameters and its SQL; no HTTP."""
