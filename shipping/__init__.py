"""How the program becomes a folder and packages that run without Python; no part of the program.

`python3 run.py build` and `python3 run.py package` call `shipping.freeze` and `shipping.package`.
"""
