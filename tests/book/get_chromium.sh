#!/bin/sh
# Find a Chromium for the browser tests, or install one where that is allowed; else say in one sentence what to do.
# $1: the folder of the virtual environment's programs.
set -u
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
"$1/python" - <<'PY' && exit 0
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not os.path.exists(p.chromium.executable_path))
PY
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Debian's chromium for the browser tests"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null && exit 0
fi
echo "downloading Playwright's Chromium for the browser tests"
"$1/playwright" install chromium && exit 0
echo "The browser tests need Chromium: install the package 'chromium' (Debian, Ubuntu, Fedora) or run '$1/playwright install chromium'." >&2
exit 1
