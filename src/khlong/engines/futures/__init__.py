"""Futures: every package of measures under many futures, exactly. Numpy, scipy and numba; no Django.

The package itself imports nothing: whoever needs a part imports that part, so that a page of the web application
never waits for numpy.
"""
