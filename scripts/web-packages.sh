#!/usr/bin/env bash
# Installs the browser packages exactly as locked; does nothing when they are what the lock says already.
set -eu
cd "$(dirname "$0")/../web"

stamp=node_modules/.installed-from
lock="$(cksum <package-lock.json)"
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$lock" ]; then
    echo "web/node_modules 与 package-lock.json 一致 (up to date)"
    exit 0
fi
npm ci
echo "$lock" >"$stamp"
