#!/bin/sh
# Make .venv and install a locked list of packages, once per list.
# Exit codes: 0 done, 1 something is missing (one line says what and the remedy).
set -eu

list=$1
python=${PYTHON:-python3}
stamp=.venv/.$(basename "$list").installed

# the list for destinations holds the one for running, the list for developing both
lists=$list
case $list in
requirements.txt) lists="requirements.txt requirements-destinations.txt requirements-dev.txt" ;;
requirements-destinations.txt) lists="requirements-destinations.txt requirements-dev.txt" ;;
esac
for done in $lists; do
    if [ -x .venv/bin/python ] && cmp -s ".venv/.$done.installed" "$done" &&
        [ "$(cat .venv/.package.installed 2>/dev/null)" = "$PWD" ]; then
        exit 0
    fi
done

stop() {
    echo "$1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    stop "$python is not there: install Python 3.11 or newer, or name it: make demo PYTHON=/path/to/python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" --version 2>&1) is too old: install Python 3.11 or newer, or name it: make demo PYTHON=/path/to/python3.12"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "Python has no venv module: install it (Debian and Ubuntu: apt-get install python3-venv)."
free=$(df -Pk . | awk 'NR == 2 {print $4}')
[ "$free" -gt 1500000 ] ||
    stop "Only $((free / 1024)) MB are free here and the packages need about 1,500 MB: make room, or clone to another disk."

echo "Setting up (once, about a minute) ..."
[ -x .venv/bin/python ] || "$python" -m venv .venv ||
    stop "The virtual environment could not be made in .venv: check the disk and the rights of this folder."
log=$(mktemp)
if ! .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$list" >"$log" 2>&1; then
    if grep -qiE 'no space left' "$log"; then
        stop "The disk is full: make room (about 1,500 MB) and run this again."
    elif grep -qiE 'connection|resolve|network|timed out|retries|ProxyError|SSLError' "$log"; then
        rm -f "$log"
        stop "The packages could not be downloaded: check the network, or set PIP_INDEX_URL or HTTPS_PROXY, and run this again."
    fi
    stop "The packages could not be installed: $(grep -iE 'error' "$log" | tail -n 1) (all of it: $log)"
fi
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . >"$log" 2>&1 ||
    stop "The package of this folder could not be installed: $(grep -iE 'error' "$log" | tail -n 1) (all of it: $log)"
rm -f "$log"
pwd >.venv/.package.installed
cp "$list" "$stamp"
