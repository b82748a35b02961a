"""The database: its tables, engines, migration and readiness."""
