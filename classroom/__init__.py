"""What an instructor runs: a grader for any nbgrader course, fast, in a sandbox, losing nothing (see ``classroom --help``)."""
