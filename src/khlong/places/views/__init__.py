"""Pages of cities, facts, and what lies in a city."""
