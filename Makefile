# Learning from Reform, with Data. `make help` lists the targets.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BOOK   := _build/html
# A book with solutions is built elsewhere, so that nobody publishes it in place of the other.
ifeq ($(SOLUTIONS),yes)
BOOK   := _build/with-solutions/_build/html
ASIDE  := --path-output _build/with-solutions
export BOOK_SOLUTIONS := yes
endif
PORT   ?= 8000
NAME   ?= 05_inequality
export PATH := $(abspath $(BIN)):$(PATH)
export PYTHONHASHSEED := 0
# Without bytecode each of some hundred processes of the tests would compile this repository anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help book paper slides links serve test quick browser report compat notebooks release student teacher lint data bench lock chromium programs clean

help: ## list the targets, one line each
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "$(PYTHON) is Python %d.%d; this needs 3.11 to 3.13: make PYTHON=python3.12" % v)'
	$(PYTHON) -m venv --clear $(VENV)
	@echo "installing the locked requirements into $(VENV) (about two minutes, once)"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

book: $(READY) ## build the book strictly (any warning fails), with its notebooks for the browser (SOLUTIONS=yes: a copy with solutions)
	$(BIN)/jupyter-book build -W -n --keep-going -q $(ASIDE) .
	$(BIN)/python -m bookbuild.lite $(BOOK)
	@echo "The book is in $(BOOK)/index.html; 'make serve' shows it on http://localhost:$(PORT)"

paper: $(READY) chromium book ## make the PDF, the EPUB and the offline copy of the book
	$(BIN)/python -m bookbuild.paper

slides: $(READY) book ## make a deck of slides a chapter (_build/slides), to open from a folder or to print
	$(BIN)/python -m bookbuild.slides

links: $(READY) ## ask every address that the book links to whether it still answers (needs a network)
	$(BIN)/jupyter-book build --builder custom --custom-builder linkcheck --keep-going -q .

serve: book ## show the built book on localhost (PORT=8000)
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(BOOK) $(PORT)

# What starts Python in the browser, or a Jupyter server, again and again has a target of its own; the run of every notebook and
# every answer in the browser starts it once and is in `make test`. nbval holds each output, byte by byte, to the locked versions;
# tests/compat holds them to the browser's (make compat).
IN_BROWSER := tests/lite/test_visit.py tests/lite/test_faults.py tests/binder
APART := $(IN_BROWSER) tests/compat
# Many tests wait for a page, a program or a slow line: four of them at once keep two cores busy. conftest.py begins with the longest
# and has the book built meanwhile.
AT_ONCE := -n 4 --dist loadfile --no-loadscope-reorder

test: $(READY) chromium programs ## prove every number, chart, exercise and mark
	IC_BOOK_HTML=$(abspath $(BOOK)) $(BIN)/pytest $(AT_ONCE) --make-book --nbval chapters exercises tests $(APART:%=--ignore=%)

quick: $(READY) ## check one chapter while you write it, in less than a minute (NAME=05_inequality)
	@$(BIN)/python -m tests.quick $(NAME)

browser: $(READY) chromium book ## visit the notebooks in a browser, with faults, and run them on a stand-in for Binder (slow)
	IC_BOOK_HTML=$(abspath $(BOOK)) $(BIN)/pytest --timeout 3600 tests/lite/test_run.py $(IN_BROWSER)

report: book chromium ## print what each page weighs, how long it takes, and what axe finds
	@IC_BOOK_HTML=$(abspath $(BOOK)) $(BIN)/python -m tests.book.report

compat: ## run library and notebooks on the browser's versions (pandas 2.2, altair 5.4, numpy 2.0)
	$(PYTHON) -m venv --clear .venv-compat
	.venv-compat/bin/pip install --quiet --disable-pip-version-check -r tests/compat/requirements.txt
	.venv-compat/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
	.venv-compat/bin/pytest -q --rootdir . -o addopts= tests/compat

notebooks: $(READY) ## re-execute every chapter and exercise and store what they give
	$(BIN)/python -m bookbuild.notebooks

release: $(READY) ## make the student edition of an exercise (NAME=05_inequality)
	$(BIN)/nbgrader generate_assignment $(NAME) --create --force
	@echo "The student edition is in release/$(NAME)/"

lint: $(READY) ## check the style of the code and the form of the notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m bookbuild.notebooks --check

student: $(READY) ## make the student edition, with a proof that no answer is in it (dist/; what Binder opens)
	$(BIN)/classroom release --out dist

teacher: $(READY) book ## make the teacher's edition (_build/teacher): model answers, tests, wrong answers, sample marks; not for publishing
	$(BIN)/classroom teacher --out _build/teacher --style $(BOOK)/_static

data: $(READY) ## regenerate the synthetic tables and the fingerprints of the real ones
	@for recipe in datasets/recipes/synth_*.py datasets/recipes/fingerprints.py; do echo $$recipe; $(BIN)/python $$recipe || exit 1; done

bench: $(READY) ## measure speed and memory (nothing is asserted)
	$(BIN)/pytest benchmarks --benchmark-columns=min,median,rounds -p no:xdist -s

LOCK := uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate
lock: ## compile requirements.txt and the students' one anew from the two pyproject.toml (needs uv)
	$(LOCK) --extra all pyproject.toml -o requirements.txt
	$(LOCK) -c requirements.txt student/pyproject.toml -o student/requirements.txt
	printf '.\n' >> student/requirements.txt

chromium:
	@tests/book/get_chromium.sh $(BIN)

programs:
	@tests/get_programs.sh

clean: ## remove what was built (not the virtual environment)
	rm -rf _build release submitted autograded feedback gradebook.db* dist
