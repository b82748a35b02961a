"""What several tests use; no test is here."""
