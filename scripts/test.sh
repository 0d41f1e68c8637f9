#!/usr/bin/env bash
# Every check and test, one after another. Nothing stops the run: a step that fails is counted, and the table at
# the end shows it. The last line is "N passed, N failed"; the exit code is 1 when anything failed.
#
#   scripts/test.sh               all steps
#   scripts/test.sh fmt check     only these
set -u
cd "$(dirname "$0")/.."

# Longest time of one step, in seconds: a test that hangs is a test that failed.
step_max_s=2400
programs="$PWD/${CARGO_TARGET_DIR:-target}/debug"
case "${CARGO_TARGET_DIR:-}" in /*) programs="$CARGO_TARGET_DIR/debug" ;; esac

chosen=("$@")
passed=0
failed=0
table=()
job=""
began=$SECONDS
room="$(mktemp -d "${TMPDIR:-/tmp}/fengsui-tests.XXXXXX")"
# PostgreSQL runs as another user and must reach its folder.
chmod 755 "$room"
export FENGSUI_TEST_POSTGRES_DIR="$room/postgres"
export FENGSUI_TEST_MQTT_DIR="$room/mosquitto"
# Escape codes only for people.
if [ -t 1 ]; then export CARGO_TERM_COLOR=always; else export CARGO_TERM_COLOR=never NO_COLOR=1; fi

clean_up() {
    end_job
    scripts/postgres-for-tests.sh stop >/dev/null 2>&1
    scripts/mosquitto-for-tests.sh stop >/dev/null 2>&1
    rm -rf "$room"
}

# Ends what the current step has started; `timeout` made it a process group of its own.
end_job() {
    if [ -n "$job" ]; then
        kill -TERM -- "-$job" 2>/dev/null
        job=""
    fi
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

is_chosen() {
    [ "${#chosen[@]}" = 0 ] || [[ " ${chosen[*]} " == *" $1 "* ]]
}

# Sums the first number of all matches of a pattern in a log.
sum() {
    grep -oE "$1" "$2" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'
}

# Counts passed and failed tests in a log, by what the tools print. Without any count the step itself is one.
count() {
    local log="$1" code="$2" ok=0 bad=0
    sed -i 's/\x1b\[[0-9;]*m//g' "$log"
    if grep -qE '^[0-9]+ passed, [0-9]+ failed$' "$log"; then # ours
        ok=$(sum '^[0-9]+ passed, ' "$log")
        bad=$(sum ', [0-9]+ failed$' "$log")
    elif grep -qE '^ +Summary .* tests? run: ' "$log"; then # cargo nextest
        ok=$(grep -E '^ +Summary ' "$log" | grep -oE '[0-9]+ passed' | grep -oE '[0-9]+')
        bad=$(($(grep -E '^ +Summary ' "$log" | grep -oE '[0-9]+(/[0-9]+)? tests? run' | grep -oE '[0-9]+ tests?' | grep -oE '[0-9]+') - ${ok:-0}))
    elif grep -qE '^test result: ' "$log"; then # cargo test
        ok=$(sum '^test result: .* [0-9]+ passed' "$log")
        bad=$(sum '; [0-9]+ failed' "$log")
    elif grep -qE '^ +Tests  .*[0-9]+ (passed|failed)' "$log"; then # vitest
        ok=$(grep -E '^ +Tests  ' "$log" | grep -oE '[0-9]+ passed' | grep -oE '[0-9]+')
        bad=$(grep -E '^ +Tests  ' "$log" | grep -oE '[0-9]+ failed' | grep -oE '[0-9]+')
    elif grep -qE '^# pass [0-9]+' "$log"; then # node --test
        ok=$(sum '^# pass [0-9]+' "$log")
        bad=$(sum '^# (fail|cancelled) [0-9]+' "$log")
    elif [ "$code" = 0 ]; then
        ok=1
    fi
    ok=${ok:-0}
    bad=${bad:-0}
    if [ "$code" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    counted="$ok passed, $bad failed"
}

# step <id> <what it is> <command…>: runs it, shows it, counts it. Returns how it ended.
step() {
    local id="$1" title="$2" log="$room/$1.log" from=$SECONDS code
    shift 2
    is_chosen "$id" || return 0
    printf '\n──── %s — %s\n' "$id" "$title"
    exec 3> >(exec tee "$log")
    local tee=$!
    timeout -k 10 "$step_max_s" "$@" </dev/null >&3 2>&1 3>&- &
    job=$!
    wait "$job"
    code=$?
    end_job
    exec 3>&-
    wait "$tee"
    if [ "$code" = 124 ]; then echo "超过 $step_max_s 秒，已中止 (took too long)" | tee -a "$log"; fi
    count "$log" "$code"
    local mark=ok
    [ "$code" = 0 ] || mark=FAILED
    table+=("$(printf '%-14s %-7s %5d s   %s' "$id" "$mark" "$((SECONDS - from))" "$counted")")
    printf '──── %s %s, %d s\n' "$id" "$mark" "$((SECONDS - from))"
    return "$code"
}

start_postgres() {
    is_chosen tests || return 0
    local settings
    if settings="$(scripts/postgres-for-tests.sh start)"; then
        eval "$settings"
    else
        step tests "PostgreSQL did not start" false
    fi
}

start_mosquitto() {
    is_chosen tests || return 0
    local settings
    if settings="$(scripts/mosquitto-for-tests.sh start)"; then
        eval "$settings"
    else
        step tests "Mosquitto did not start" false
    fi
}

tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        step tests "tests of all crates, on memory, SQLite and PostgreSQL" \
            cargo nextest run --workspace --no-fail-fast --status-level fail --final-status-level fail
    else
        step tests "tests of all crates, on memory, SQLite and PostgreSQL" \
            cargo test --workspace --lib --bins --tests --no-fail-fast
    fi
}

end_to_end() {
    if grep -q '"e2e":' web/package.json; then
        FENGSUI_BINARY="$programs/fengsui" step e2e "the program in a real browser" npm --prefix web run e2e
    fi
}

step tools "what the build needs" scripts/prerequisites.sh
step test-tools "what tests need beyond that" scripts/test-prerequisites.sh
step fmt "layout of the code: files that \`cargo fmt --all\` would change" cargo fmt --all --check -- --files-with-diff
# The pages come first: the program embeds them.
step web-packages "browser packages" scripts/web-packages.sh
step web-build "pages" npm --prefix web run build
step web-check "types and tests of the pages" npm --prefix web run check
step clippy "lints, no warning allowed" cargo clippy --workspace --all-targets -- -D warnings
# One build of programs and tests together, so that everything below finds them ready.
step build "programs and tests" cargo build --workspace --lib --bins --tests
step check "rules of the house" "$programs/xtask" check
step papers "the shipped templates are what is written for them" "$programs/xtask" papers --check
step openapi "the committed description of the HTTP side" "$programs/xtask" openapi --check
start_postgres
start_mosquitto
tests
scripts/postgres-for-tests.sh stop >/dev/null 2>&1
scripts/mosquitto-for-tests.sh stop >/dev/null 2>&1
unset FENGSUI_TEST_POSTGRES FENGSUI_TEST_MQTT FENGSUI_TEST_MQTT_TLS FENGSUI_TEST_MQTT_CA
step doc-tests "examples in the docs" cargo test --workspace --doc
end_to_end
step crash "kill -9 under load" "$programs/xtask" crash --binary "$programs/fengsui" --kills 3 --acks 300
step crash-control "the control must lose something" \
    "$programs/xtask" crash --binary "$programs/fengsui" --kills 3 --acks 300 --control
step faults "the n-th write and flush fails" "$programs/xtask" crash --binary "$programs/fengsui" --faults 12
step full-disk "a full disk still takes in fires" "$programs/xtask" crash --binary "$programs/fengsui" --full
step power "power cuts on ext4 and XFS" "$programs/xtask" crash --binary "$programs/fengsui" --power 4 --acks 300
step power-control "on a disk that lies the same count must find losses" \
    "$programs/xtask" crash --binary "$programs/fengsui" --power 2 --acks 300 --control
step standby "the other node takes over" \
    "$programs/xtask" crash --binary "$programs/fengsui" --standby 2 --acks 200
step overload "ten times the load: telemetry is shed, nothing else" \
    "$programs/xtask" overload --binary "$programs/fengsui" --seconds 10 --counts
step hostile "what no terminal would send" "$programs/xtask" hostile --binary "$programs/fengsui" --inputs 100000

took=$((SECONDS - began))
printf '\n────────────────────────────────────────────────────────────\n'
printf '%s\n' "${table[@]}"
printf '\n总用时 (total) %d min %02d s\n' "$((took / 60))" "$((took % 60))"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
