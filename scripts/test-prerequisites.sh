#!/usr/bin/env bash
# What tests need beyond the build: PostgreSQL, chromium, a Chinese font; for power cuts XFS, where one is root. Installs the Debian packages when this
# is root on Debian, else says exactly what to install. Quick when everything is there.
set -u

has_postgres() {
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

has_chromium() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
        command -v google-chrome >/dev/null
}

has_mosquitto() {
    command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ]
}

has_font() {
    command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]
}

# Only root can mount a disk of its own; for others the power cuts say "not possible here".
has_file_systems() {
    [ "$(id -u)" != 0 ] || { command -v mkfs.xfs >/dev/null && command -v xfs_io >/dev/null; }
}

missing() {
    has_postgres || echo postgresql
    has_mosquitto || echo mosquitto
    has_chromium || echo chromium
    has_font || echo fonts-noto-cjk fontconfig
    has_file_systems || echo xfsprogs e2fsprogs
}

wanted="$(missing | tr '\n' ' ')"
if [ -z "${wanted// /}" ]; then
    echo "PostgreSQL、chromium、中文字体、文件系统工具齐全 (all there)"
    exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "正在安装 (installing): $wanted"
    export DEBIAN_FRONTEND=noninteractive
    # The tests start a server of their own; the package need not make one.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/fengsui-tests.conf
    apt-get update -q
    # shellcheck disable=SC2086  # the list is meant to be split
    apt-get install -y -q --no-install-recommends $wanted
    wanted="$(missing | tr '\n' ' ')"
fi

if [ -n "${wanted// /}" ]; then
    echo "测试还缺少：$wanted" >&2
    echo "  Debian：sudo apt-get install $wanted" >&2
    echo "  The tests also need: $wanted (Debian: sudo apt-get install $wanted)" >&2
    exit 1
fi
