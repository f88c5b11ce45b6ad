"""Answers about plans: why a visit is left out or where it is, what breaks a rule, where one more visit fits."""
