"""The built program, driven as a person would: `python3 run.py test --long` builds it before."""
