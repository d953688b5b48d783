"""Metrics, confidence intervals, tests, model selection and published values."""
