"""Speed, measured apart from the tests: ratios within one run, or seconds with the machine named beside them."""
