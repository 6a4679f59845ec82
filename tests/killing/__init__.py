"""A room of its own for the tests that kill: jobs whose effects can be counted."""
