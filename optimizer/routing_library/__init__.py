"""OR-Tools as a second, independent engine: it states a problem, searches, and confirms the routes of others."""
