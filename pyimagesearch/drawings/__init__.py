"""Drawings of the 17 species, which ship because the photographs of Flowers-17 may not.

`species` says how each of them looks, `flowers` and `habits` make plants of that, `scene` is the
picture round them, and `dataset` says which picture is which row.
"""
