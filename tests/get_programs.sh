#!/bin/sh
# Programs that some tests need and pip does not bring: installed where that is allowed. Where it is not, a sentence says
# which tests will be skipped, and each of them says so again.
missing=""
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
fc-list :lang=ar 2>/dev/null | grep -q . || missing="$missing fontconfig fonts-dejavu-core"
[ -z "$missing" ] && exit 0
if [ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Debian's$missing for the tests"
  # shellcheck disable=SC2086 # a list of packages
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "Not installed here (Debian's names):$missing. The tests that need them (epubcheck, bubblewrap's walls, a gradebook in PostgreSQL," \
  "Arabic in the PDF) are skipped or say what to install." >&2
exit 0
