"""One route: when a worker leaves, serves, breaks and returns, and what that costs."""
