#!/bin/sh
# Fuzzes native/core with libFuzzer (clang 14 and its runtime library, Debian: clang-14,
# libclang-rt-14-dev). Two targets at a time.
#   sh scripts/fuzz.sh [--seconds N] [target …]    60 seconds and all of test/fuzz/*Fuzz.cc
#   sh scripts/fuzz.sh --minimize [target …]       writes what is new and small to test/fuzz/corpus
# What was found new stays in build/fuzz/found, inputs that crash in build/fuzz/crashes. The last
# line says how many targets held; exit code 1 when one did not.
set -eu
cd "$(dirname "$0")/.."

seconds=60
minimize=no
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2 && shift 2 ;;
    --minimize) minimize=yes && shift ;;
    -*) echo "usage: sh scripts/fuzz.sh [--seconds N] [--minimize] [target ...]" >&2 && exit 2 ;;
    *) break ;;
  esac
done

compiler=${CXX:-clang++-14}
command -v "$compiler" >/dev/null || {
  echo "no $compiler: apt-get install clang-14 libclang-rt-14-dev" >&2
  exit 1
}
build=build/fuzz
CXX=$compiler cmake -S test/fuzz -B $build >$build.log 2>&1 || { cat $build.log >&2 && exit 1; }
cmake --build $build -j2 >$build.log 2>&1 || { cat $build.log >&2 && exit 1; }
[ $# -gt 0 ] || set -- $(cd test/fuzz && ls *Fuzz.cc | sed 's/\.cc$//')
mkdir -p $build/found $build/crashes $build/logs
export ASAN_OPTIONS="${ASAN_OPTIONS:-malloc_context_size=6}" UBSAN_OPTIONS=print_stacktrace=1

# Of the smallest set of inputs that reaches what all of them reach: those that do most, cut to a
# length the repository can hold.
minimize() {
  target=$1
  rm -rf $build/merged && mkdir -p $build/merged test/fuzz/corpus/"$target"
  $build/"$target" -merge=1 -max_len=256 -use_value_profile=0 $build/merged \
    test/fuzz/corpus/"$target" $build/found/"$target" >$build/logs/"$target".merge 2>&1
  rm -f test/fuzz/corpus/"$target"/*.bin
  most=20
  [ "$target" != connectionFuzz ] || most=100
  for file in $(ls -S $build/merged | head -n $most); do
    cp $build/merged/"$file" test/fuzz/corpus/"$target"/"$(echo "$file" | cut -c1-12)".bin
  done
  echo "$target: $(ls test/fuzz/corpus/"$target" | wc -l) inputs," \
    "$(cat test/fuzz/corpus/"$target"/* | wc -c) bytes"
}

fuzz() {
  target=$1
  mkdir -p $build/found/"$target" test/fuzz/corpus/"$target"
  $build/"$target" -max_total_time="$seconds" -max_len=1024 -timeout=25 -rss_limit_mb=2048 \
    -entropic=0 -print_final_stats=1 -artifact_prefix=$build/crashes/"$target"- \
    $build/found/"$target" test/fuzz/corpus/"$target" >$build/logs/"$target" 2>&1
}

show() {
  target=$1
  log=$build/logs/$1
  reached=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "$target: ${runs:-?} executions, $reached"
  [ "$2" -ne 0 ] || return 0
  grep -v '^#[0-9]' "$log" | grep -E 'does not hold|ERROR|SUMMARY|^    #' | head -n 20
  for file in $(sed -n 's/.*Test unit written to //p' "$log"); do
    echo "  replay: ICS_FUZZ_TRACE=1 $build/$target $file"
  done
}

if [ $minimize = yes ]; then
  for target; do minimize "$target"; done
  exit 0
fi

passed=0 failed=0
take() { # target, process
  status=0
  wait "$2" || status=$?
  if [ $status -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  show "$1" $status
}
while [ $# -gt 0 ]; do
  first=$1 second=${2:-}
  fuzz "$first" &
  first_process=$!
  if [ -n "$second" ]; then
    fuzz "$second" &
    second_process=$!
  fi
  take "$first" $first_process
  [ -z "$second" ] || take "$second" $second_process
  shift
  [ $# -eq 0 ] || shift
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
