"""Stand-ins for the sources: local servers and generated data that behave like the real ones."""
