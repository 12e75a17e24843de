#!/bin/sh
# The addon and the core under the sanitizers:
#
#   sh scripts/sanitize.sh [asan] [tsan] [valgrind]        all three by default
#
#   asan      an addon built with AddressSanitizer and UndefinedBehaviorSanitizer, under the whole
#             mocha suite (or under the test files in MOCHA_FILES)
#   tsan      an addon and the C++ tests built with ThreadSanitizer, under the tests with threads
#   valgrind  the plain C++ tests and a server in Node under memcheck
#
# A test that fails here alone is tried again: the sanitizers make everything slow, and their reports
# are what counts. Works in copies of the tree below build/sanitize. Each report of a sanitizer is a failure and is
# printed. The exit code is 1 when there was one, or when a test failed.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
work=$root/build/sanitize
logs=$work/logs
failed=0

# Worker threads, lookups in threads, sockets that change threads.
thread_tests='test/hostile/threadMoves.slow.test.ts test/hostile/worker*.test.ts
  test/server/thrd*.test.ts test/server/threadTicket.test.ts test/socket/threadTicket*.test.ts
  test/socket/dnsLookup*.test.ts'

part() { printf '\n--- %s\n' "$1"; }

# A copy of the sources with an addon of its own, built with the flags in $2.
copy_and_build() {
  copy=$work/$1
  rm -rf "$copy"
  mkdir -p "$copy"
  tar --exclude=./.git --exclude=./build --exclude=./dist --exclude=./node_modules -cf - . |
    tar -xf - -C "$copy"
  ln -s "$root/node_modules" "$copy/node_modules"
  (cd "$copy" && CXXFLAGS="$2" LDFLAGS="$2" npm run -s build:native) >"$logs/$1-build.log" 2>&1 ||
    { tail -n 30 "$logs/$1-build.log"; exit 1; }
}

# The C++ tests with the sanitizer in $2 ('' for none); the program is printed.
build_core_tests() {
  {
    cmake -S test/native -B "$work/$1-core" -DNATIVE_TEST_SANITIZE="$2" &&
      cmake --build "$work/$1-core"
  } >"$logs/$1-core.log" 2>&1 || { tail -n 30 "$logs/$1-core.log" >&2; exit 1; }
  echo "$work/$1-core/native_tests"
}

library() { "${CXX:-c++}" -print-file-name="$1"; }

# Reports are in files that begin with the prefix.
reports() {
  for file in "$logs/$1".*; do
    [ -s "$file" ] || continue
    echo "REPORT $file"
    head -n 60 "$file"
    failed=1
  done
}

asan() {
  part 'AddressSanitizer and UndefinedBehaviorSanitizer'
  copy_and_build asan '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g -O1'
  (
    cd "$work/asan"
    export LD_PRELOAD="$(library libasan.so)"
    export ASAN_OPTIONS="detect_leaks=0:log_path=$logs/asan.report"
    export UBSAN_OPTIONS="print_stacktrace=1:log_path=$logs/ubsan.report"
    export ICS_SANITIZER=asan NODE_OPTIONS="--require $root/scripts/sanitizerEnv.cjs"
    # shellcheck disable=SC2086 -- a list of files
    node "$root/node_modules/.bin/mocha" --timeout 120000 --retries 2 \
      ${MOCHA_FILES:---ignore "test/**/*.slow.test.ts" "test/**/*.test.ts"}
  ) || failed=1
  reports asan.report
  reports ubsan.report
}

tsan() {
  part 'ThreadSanitizer'
  program=$(build_core_tests tsan thread)
  TSAN_OPTIONS="log_path=$logs/tsan-core.report" setarch -R "$program" || failed=1
  reports tsan-core.report
  copy_and_build tsan '-fsanitize=thread -g -O1'
  (
    cd "$work/tsan"
    # Node itself is not instrumented: only what our code does is looked at.
    export TSAN_OPTIONS="ignore_noninstrumented_modules=1:report_signal_unsafe=0:log_path=$logs/tsan.report"
    export ICS_SANITIZER=tsan
    # shellcheck disable=SC2086
    LD_PRELOAD="$(library libtsan.so)" setarch -R node "$root/node_modules/.bin/mocha" \
      --timeout 120000 --retries 2 $thread_tests
  ) || failed=1
  reports tsan.report
}

valgrind_checks() {
  part 'valgrind memcheck'
  program=$(build_core_tests valgrind '')
  # Threads that look names up are never ended; what they hold is "possibly lost".
  valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
    --show-leak-kinds=definite --suppressions=scripts/valgrind.supp "$program" || failed=1
  # The garbage collector of Node looks at its whole stack: values that were never set are its affair.
  valgrind -q --error-exitcode=9 --smc-check=all-non-file --suppressions=scripts/valgrind.supp --undef-value-errors=no \
    --log-file="$logs/memcheck.report.%p" node .ci/echo.js || failed=1
  reports memcheck.report
}

mkdir -p "$logs"
rm -f "$logs"/*.report.*
[ "$#" -gt 0 ] || set -- asan tsan valgrind
for kind in "$@"; do
  case $kind in
    asan) asan ;;
    tsan) tsan ;;
    valgrind) valgrind_checks ;;
    *) echo "unknown sanitizer $kind" >&2; exit 1 ;;
  esac
done
[ "$failed" -eq 0 ] && echo 'no report of a sanitizer' || echo 'FAILED'
exit "$failed"
