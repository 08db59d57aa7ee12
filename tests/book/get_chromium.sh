#!/bin/sh
# Find a Chromium for the browser tests, or install one where that is allowed; else say in one sentence what to do.
# The shell without windows comes first: a Chromium that draws menus and buttons round each page takes half as much time again.
# $1: the folder of the virtual environment's programs.
set -u
DEBIANS=chromium-headless-shell
command -v $DEBIANS >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  PATIENCE="-o Acquire::Retries=0 -o Acquire::http::Timeout=20"
  echo "installing Debian's $DEBIANS for the browser tests"
  for update in true "apt-get update -qq $PATIENCE"; do
    $update && apt-get install -y -qq --no-install-recommends $PATIENCE $DEBIANS fonts-dejavu-core >/dev/null 2>&1 && exit 0
  done
fi
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
"$1/python" - <<'PY' && exit 0
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not os.path.exists(p.chromium.executable_path))
PY
echo "downloading Playwright's Chromium for the browser tests"
"$1/playwright" install chromium && exit 0
echo "The browser tests need Chromium: install the package 'chromium' (Debian, Ubuntu, Fedora) or run '$1/playwright install chromium'." >&2
exit 1
