"""Examples to read and to run: plain scripts with `# %%` cells, which notebooks and editors show cell by cell."""
