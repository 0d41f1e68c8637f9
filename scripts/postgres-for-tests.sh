#!/bin/sh
# A PostgreSQL server for the tests, in a folder under the temporary directory, gone when it is stopped.
#
#   eval "$(scripts/postgres-for-tests.sh start)"   # sets FENGSUI_TEST_POSTGRES
#   scripts/postgres-for-tests.sh stop
#
# PostgreSQL refuses to run as root: then it runs as the user postgres. When it is not installed, root installs
# the Debian package, without starting the cluster that the package would otherwise make.
set -eu

folder="${FENGSUI_TEST_POSTGRES_DIR:-${TMPDIR:-/tmp}/fengsui-test-postgres}"

say() { echo "$*" >&2; }

find_bin() {
    for at in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n -r) /usr/local/bin /usr/bin; do
        if [ -x "$at/initdb" ] && [ -x "$at/postgres" ]; then
            echo "$at"
            return
        fi
    done
}

install_server() {
    say "没有找到 PostgreSQL。"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "请安装 PostgreSQL 15 或更新（Debian：apt-get install postgresql），再运行一次。"
        exit 1
    fi
    say "正在安装 Debian 的 postgresql 软件包……"
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/fengsui-tests.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql >&2 ||
        { apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql >&2; }
}

# Runs a command as a user that PostgreSQL accepts.
as_server() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

free_port() {
    port=54900
    while [ "$port" -lt 55000 ]; do
        # /proc lists open TCP ports in hexadecimal.
        if ! grep -qi ":$(printf '%04X' "$port") " /proc/net/tcp /proc/net/tcp6 2>/dev/null; then
            echo "$port"
            return
        fi
        port=$((port + 1))
    done
    say "54900 至 54999 之间没有空闲端口。"
    exit 1
}

running() {
    [ -f "$folder/url" ] && as_server "$bin/pg_ctl" -D "$folder/data" status >/dev/null 2>&1
}

start() {
    bin="$(find_bin)"
    if [ -z "$bin" ]; then
        install_server
        bin="$(find_bin)"
    fi
    if ! running; then
        rm -rf "$folder"
        mkdir -p "$folder"
        if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
        as_server "$bin/initdb" -D "$folder/data" -U fengsui -A trust -E UTF8 --no-locale --no-sync \
            >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
        port="$(free_port)"
        # Nothing here must survive a power cut, so nothing waits for the disk.
        options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        options="$options -c max_connections=300 -c shared_buffers=64MB"
        as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 -o "$options" start \
            >/dev/null 2>&1 </dev/null || { cat "$folder/server.log" >&2; exit 1; }
        echo "postgres://fengsui@127.0.0.1:$port/postgres" >"$folder/url"
    fi
    echo "export FENGSUI_TEST_POSTGRES=$(cat "$folder/url")"
}

stop() {
    bin="$(find_bin)"
    if [ -n "$bin" ] && running; then
        as_server "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    fi
    rm -rf "$folder"
}

case "${1:-}" in
    start) start ;;
    stop) stop ;;
    *)
        say "用法：$0 start|stop"
        exit 2
        ;;
esac
