# `make test` and `make demo` set up all they need; the stamp file makes the second time quick.

PYTHON ?= python3
export NO_MKDOCS_2_WARNING := 1  # what its theme thinks of the future of MkDocs
BIN := .venv/bin
GOLDENS := test_docs test_error_pages test_how_to solution/test_derivations solution/test_stationary solution/test_networks \
  linting/test_lint render/test_exports \
  cli/test_command_line_page cli/editor/test_schema cli/editor/test_vscode site/test_site_docs
BENCH := build/benchmark
SYMPY := build/sympy
READY := .venv/.ready
DEMO := build/demo
SITE := $(CURDIR)/build/site
PYODIDE := tests/node/node_modules/pyodide/pyodide.mjs
NOTES := five-examples.md five-examples.zh.md five-examples.tex second-order.md vector-functions.md spectra.md expectations.md complex-letters.md mixtures-and-recursions.md matrix-functions.md index-sets.md index-sets.zh.md

.PHONY: help quick test exhaustive lint tools fuzz goldens demo site bench clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

quick: $(READY)  ## the tests from LaTeX to a checked solution, in less than a minute
	$(BIN)/python -m pytest -p no:pytest_lsp -n auto --dist loadgroup -m engine

test: lint  ## lint, then all tests; says at its end what was skipped
	$(BIN)/python -m pytest -n auto --dist loadgroup

exhaustive: export EXHAUSTIVE := 1
exhaustive: test  ## make test with all examples that are made up by the hundred, not a share of them

lint: $(READY)  ## ruff, mypy, the order of the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# A test whose tool is missing is skipped.
tools:  ## what the tests render with beside PyPI's: pandoc, TeX, Chromium, Maxima, Neovim, Emacs, npm
	which pandoc pdflatex xelatex chromium >/dev/null && kpsewhich ctex.sty exam.cls pzdr.tfm >/dev/null || { \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends pandoc chromium texlive-latex-extra \
	    texlive-xetex texlive-lang-chinese texlive-fonts-recommended fonts-noto-cjk >/dev/null; }
	which maxima >/dev/null || apt-get install -y -qq --no-install-recommends maxima >/dev/null
	which npm >/dev/null || apt-get install -y -qq --no-install-recommends npm >/dev/null
	which nvim >/dev/null || apt-get install -y -qq --no-install-recommends neovim >/dev/null
	which emacs >/dev/null || apt-get install -y -qq --no-install-recommends emacs-nox elpa-eglot >/dev/null
	for place in tests/node editors/vscode; do \
	  npm install --prefix $$place --silent --no-audit --no-fund --no-package-lock; done

# Without atheris, which has no wheels for some systems, pages are made without a look at what they reach.
fuzz: $(READY)  ## the scanners, guided by coverage, for SECONDS=300; findings go to build/fuzz
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris 2>/dev/null || true
	PYTHONPATH=. nice $(BIN)/python tests/documents/fuzz.py $(or $(SECONDS),300)

goldens: $(READY)  ## write the expected outputs anew, after a change that is meant; review them by git diff
	for file in $(GOLDENS); do PYTHONPATH=tests $(BIN)/python -c "import conftest, runpy; runpy.run_path('tests/$$file.py', run_name='__main__')"; done
	$(BIN)/python benchmarks/supported.py

demo: $(READY)  ## the examples with their solutions, in build/demo
	@mkdir -p $(DEMO)
	@cp $(addprefix examples/,$(NOTES)) $(DEMO)/
	$(BIN)/mdderive $(addprefix $(DEMO)/,$(NOTES))
	@echo
	@echo 'The same in a terminal, one of the five:'
	@echo
	$(BIN)/mdderive -e '\derive<\|Xw-y\|^2><w>[solve]'
	@echo
	@echo 'The notes with their worked solutions:'
	@for note in $(NOTES); do echo "  $(DEMO)/$$note"; done

site: $(READY) $(PYODIDE)  ## the docs, the playground and a sample course, in build/site
	PLAYGROUND=true $(BIN)/mkdocs build --strict --quiet --site-dir $(SITE)
	cd examples/course && ../../$(BIN)/mkdocs build --strict --quiet --site-dir $(SITE)/course
	@echo 'The site, with the playground in playground/ and the sample course in course/:'
	@echo "  $(SITE)/index.html"

$(PYODIDE): tests/node/package.json
	npm install --prefix tests/node --silent --no-audit --no-fund --no-package-lock
	@touch $@

# The measurements, beside SymPy, jax and, where Python or Debian has it, torch; QUICK=1 takes a few and writes nothing.
bench: $(BENCH)/.ready $(SYMPY)/.tried  ## derivations beside SymPy, jax, torch; QUICK=1 takes a few
	$(BENCH)/bin/python benchmarks/report.py $(if $(QUICK),--quick)

$(BENCH)/.ready: pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[benchmark]'
	@touch $@

# What SymPy will be: its development version takes part where it can be had, in an environment of its own.
$(SYMPY)/.tried:
	@$(PYTHON) -m venv $(SYMPY)
	@$(SYMPY)/bin/python -m pip install --quiet --disable-pip-version-check numpy \
	  https://github.com/sympy/sympy/archive/refs/heads/master.zip 2>/dev/null \
	  || echo "SymPy's development version cannot be had here: it takes no part"
	@touch $@

clean:  ## remove what was made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@
