#!/bin/sh
# Runs Debian's testssl against a default server of this package with sslSrvSecHigh and fails on
# findings of MEDIUM and above. Findings about the test certificate itself (its chain and its short
# life are made up) do not count.
# Usage: scripts/testssl.sh [report.json]
set -eu
cd "$(dirname "$0")/.."
command -v testssl >/dev/null || { echo "testssl.sh is not installed: apt-get install testssl.sh"; exit 2; }
work=$(mktemp -d)
report=${1:-$work/report.json}
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
rm -f "$report"
node -r ts-node/register/transpile-only test/fixtures/testsslServer.ts >"$work/port" 2>"$work/errors" &
server=$!
waited=0
until [ -s "$work/port" ]; do
  waited=$((waited + 1))
  [ $waited -gt 300 ] && { cat "$work/errors"; exit 2; }
  sleep 0.1
done
# The checks testssl.sh has for servers that do not speak HTTP.
testssl --quiet --color 0 --warnings off --nodns none --ip 127.0.0.1 --severity LOW \
  --jsonfile "$report" -p -s -f -P -U -S "127.0.0.1:$(cat "$work/port")" || true
kill -0 "$server" 2>/dev/null || { echo "the server has ended"; cat "$work/errors"; exit 1; }
node -e '
const findings = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
const own = /^cert_|^OCSP|^DNS_CAA|^scan|^engine_problem/;
const bad = findings.filter(
  ({ severity, id }) => /MEDIUM|HIGH|CRITICAL|FATAL/.test(severity) && !own.test(id),
);
for (const { id, severity, finding } of bad) console.log(`${severity} ${id}: ${finding}`);
console.log(`testssl: ${findings.length} findings of LOW and above, ${bad.length} that count`);
process.exit(bad.length > 0 ? 1 : 0);
' "$report"
