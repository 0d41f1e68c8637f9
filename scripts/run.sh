#!/usr/bin/env bash
# Builds the pages and the program and starts the demonstration county.
set -eu
cd "$(dirname "$0")/.."

step() { printf '\n── %s\n' "$*"; }

step "1/4 检查所需工具 (prerequisites)"
scripts/prerequisites.sh
echo "齐全 (all there)"

step "2/4 网页依赖 (browser packages)"
scripts/web-packages.sh

step "3/4 网页 (pages)"
# Only when something they are made of is newer than they are.
made_of="web/src web/public web/index.html web/vite.config.ts web/tsconfig.json web/package-lock.json"
# shellcheck disable=SC2086  # the list is meant to be split
if [ -f web/dist/index.html ] && [ -z "$(find $made_of -newer web/dist/index.html -print -quit)" ]; then
    echo "没有变化 (unchanged)"
else
    npm --prefix web run build
fi

step "4/4 程序，首次约需十分钟 (program; the first time takes about ten minutes)"
cargo build --release -p fengsui

step "启动示例县，数据在 ./data，按 Ctrl-C 停止 (starting; stop with Ctrl-C)"
exec "${CARGO_TARGET_DIR:-target}/release/fengsui" demo --data ./data
