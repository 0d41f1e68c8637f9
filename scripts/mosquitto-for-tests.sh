#!/bin/sh
# A Mosquitto broker for the tests, in a folder under the temporary directory, gone when it is stopped.
#
#   eval "$(scripts/mosquitto-for-tests.sh start)"   # sets FENGSUI_TEST_MQTT and, where openssl is, FENGSUI_TEST_MQTT_TLS
#   scripts/mosquitto-for-tests.sh stop
#
# When it is not installed, root installs the Debian package.
set -eu

folder="${FENGSUI_TEST_MQTT_DIR:-${TMPDIR:-/tmp}/fengsui-test-mosquitto}"

say() { echo "$*" >&2; }

find_broker() {
    command -v mosquitto 2>/dev/null || { [ -x /usr/sbin/mosquitto ] && echo /usr/sbin/mosquitto; } || true
}

install_broker() {
    say "没有找到 Mosquitto。"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "请安装 Mosquitto（Debian：apt-get install mosquitto），再运行一次。"
        exit 1
    fi
    say "正在安装 Debian 的 mosquitto 软件包……"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mosquitto >&2 ||
        { apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mosquitto >&2; }
}

free_port() {
    port="$1"
    while [ "$port" -lt 55200 ]; do
        # /proc lists open TCP ports in hexadecimal.
        if ! grep -qi ":$(printf '%04X' "$port") " /proc/net/tcp /proc/net/tcp6 2>/dev/null; then
            echo "$port"
            return
        fi
        port=$((port + 1))
    done
    say "55000 至 55200 之间没有空闲端口。"
    exit 1
}

running() {
    [ -f "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null
}

certificate() {
    command -v openssl >/dev/null || return 1
    # An authority that the broker's certificate is not of.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 -subj /CN=fengsui-test-other \
        -keyout "$folder/other.key" -out "$folder/other.pem" >/dev/null 2>&1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 -subj /CN=fengsui-test-ca \
        -keyout "$folder/ca.key" -out "$folder/ca.pem" >/dev/null 2>&1 &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
            -keyout "$folder/broker.key" -out "$folder/broker.csr" >/dev/null 2>&1 &&
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$folder/san" &&
        openssl x509 -req -in "$folder/broker.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial \
            -days 3 -extfile "$folder/san" -out "$folder/broker.pem" >/dev/null 2>&1
}

start() {
    broker="$(find_broker)"
    if [ -z "$broker" ]; then
        install_broker
        broker="$(find_broker)"
    fi
    if ! running; then
        rm -rf "$folder"
        mkdir -p "$folder"
        port="$(free_port 55000)"
        {
            echo "listener $port 127.0.0.1"
            echo "allow_anonymous true"
            echo "persistence false"
            echo "max_inflight_messages 20"
            echo "max_queued_messages 100000"
        } >"$folder/mosquitto.conf"
        echo "127.0.0.1:$port" >"$folder/address"
        if certificate; then
            secure="$(free_port $((port + 1)))"
            {
                echo "listener $secure 127.0.0.1"
                echo "cafile $folder/ca.pem"
                echo "certfile $folder/broker.pem"
                echo "keyfile $folder/broker.key"
            } >>"$folder/mosquitto.conf"
            echo "localhost:$secure" >"$folder/secure"
        fi
        # As root it would become another user and could not read its key.
        if [ "$(id -u)" = 0 ]; then echo "user root" >>"$folder/mosquitto.conf"; fi
        "$broker" -c "$folder/mosquitto.conf" >"$folder/log" 2>&1 </dev/null &
        echo $! >"$folder/pid"
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            grep -q running "$folder/log" && break
            sleep 0.2
        done
        running || { cat "$folder/log" >&2; exit 1; }
    fi
    echo "export FENGSUI_TEST_MQTT=$(cat "$folder/address")"
    if [ -f "$folder/secure" ]; then
        echo "export FENGSUI_TEST_MQTT_TLS=$(cat "$folder/secure")"
        echo "export FENGSUI_TEST_MQTT_CA=$folder/ca.pem"
    fi
}

stop() {
    if running; then kill "$(cat "$folder/pid")" 2>/dev/null || true; fi
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
