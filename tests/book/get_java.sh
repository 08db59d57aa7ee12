#!/bin/sh
# Find a Java for epubcheck, or install one where that is allowed; else say in one sentence what the tests will skip.
command -v java >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Debian's Java for epubcheck"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null && exit 0
fi
echo "There is no Java: the tests that run epubcheck will be skipped. Install 'default-jre-headless' (Debian, Ubuntu) to run them." >&2
exit 0
