"""What an instructor runs: the student edition of the exercises, on top of stock nbgrader."""
