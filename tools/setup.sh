#!/bin/sh
# Installs what the tests of tmkit need beyond Go, where it is missing:
#
#   LibreOffice Calc  reads the exported workbooks, as a second opinion, and
#                     saves them anew, as people will
#   Gnumeric          does the same, as a third
#   Node.js, npm      fetch the packages of tools/npm
#   tools/npm         Mermaid, whose own parser reads the exported diagrams,
#                     and markdownlint
#
# Says nothing when nothing is missing.
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }

die() {
	say "$*"
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# soffice is there with Writer alone too. Only where its program folder can be
# seen is the lack of Calc certain; on other systems soffice is taken at its word.
have_calc() {
	have soffice || return 1
	program=$(dirname "$(readlink -f "$(command -v soffice)")")
	[ ! -e "$program/soffice.bin" ] || [ -e "$program/libsclo.so" ]
}

missing=
have_calc || missing="$missing libreoffice-calc-nogui"
have ssconvert || missing="$missing gnumeric"
have node || missing="$missing nodejs"
have npm || missing="$missing npm"

if [ -n "$missing" ]; then
	# A password is only asked for where somebody can type it.
	if ! have apt-get; then
		root=none
	elif [ "$(id -u)" = 0 ]; then
		root=
	elif have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		root=sudo
	else
		root=none
	fi
	[ "$root" != none ] || die "install LibreOffice Calc (soffice), Gnumeric (ssconvert), Node.js 20 or newer and npm, then run this again; missing, by their Debian names:$missing"

	say "installing with apt-get:$missing"
	# Neither may remove a package: a desktop's own LibreOffice must stay.
	# shellcheck disable=SC2086 # the names are words on purpose
	{
		$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
			$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove $missing
	} >&2 || die "apt-get failed; install these by hand, then run this again:$missing"
fi

node=$(node --version)
major=${node#v}
[ "${major%%.*}" -ge 20 ] || die "Node.js 20 or newer is needed, found $node; install a newer one, then run this again"

# npm writes this file last, so it is as old as the last install that finished.
lock=tools/npm/package-lock.json
stamp=tools/npm/node_modules/.package-lock.json
if [ ! -e "$stamp" ] || [ -n "$(find "$lock" -newer "$stamp")" ]; then
	npm --prefix tools/npm ci --loglevel=error >&2 || die "npm ci failed in tools/npm"
fi
