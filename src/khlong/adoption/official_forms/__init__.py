"""The forms that offices use, as data: which columns in which order, which lines, which title."""
