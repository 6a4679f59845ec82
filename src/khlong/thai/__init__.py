"""Thai language ground: dates, digits, money, dictionary order and words. Imports no Django."""
