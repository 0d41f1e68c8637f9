#!/usr/bin/env bash
# What is needed to build: the Rust toolchain, a C compiler, Node. Names everything that is missing at once.
set -u
cd "$(dirname "$0")/.."

node_min=20
rust_min="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
missing=0

miss() {
    missing=1
    printf '缺少 %s：%s\n' "$1" "$2" >&2
    printf '  missing %s: %s\n' "$1" "$3" >&2
}

# Whether version $1 is at least version $2.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n | head -n 1)" = "$2" ]
}

rust="$(rustc --version 2>/dev/null | cut -d' ' -f2)"
if [ -z "$rust" ] || ! command -v cargo >/dev/null; then
    miss "Rust ≥ $rust_min" "请按 https://rustup.rs 安装" "install it from https://rustup.rs"
elif ! at_least "$rust" "$rust_min"; then
    miss "Rust ≥ $rust_min" "现有 $rust，请运行 rustup update" "found $rust; run rustup update"
fi

if ! command -v "${CC:-cc}" >/dev/null; then
    miss "C 编译器 (cc)" "Debian：apt-get install build-essential" "Debian: apt-get install build-essential"
fi

node="$(node --version 2>/dev/null | tr -d v)"
if [ -z "$node" ] || ! command -v npm >/dev/null; then
    miss "Node ≥ $node_min" "请按 https://nodejs.org 安装" "install it from https://nodejs.org"
elif ! at_least "$node" "$node_min"; then
    miss "Node ≥ $node_min" "现有 $node，请升级" "found $node; please upgrade"
fi

exit "$missing"
