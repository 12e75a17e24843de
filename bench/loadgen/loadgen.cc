// Load generator of the benchmarks: `loadgen <mode> --port N …`, one thread,
// one epoll set, loopback only. Prints one JSON line with what was done.
//
//   c++ -std=c++17 -O2 -o loadgen *.cc     (bench/run.ts does this by itself)
//
// With --wait it first prints "ready", waits for a line on stdin so that the
// runner can read the server's CPU clock, and keeps its connections until
// stdin ends. Bounded in time by an alarm and in number by the command line.

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "common.h"
#include "datagrams.h"
#include "sessions.h"
#include "traffic.h"

namespace {

// Long enough for every mode; ends a run whose runner has gone wrong.
constexpr unsigned kLifeSeconds = 120;

void raiseDescriptorLimit(int connections) {
  const rlim_t needed = static_cast<rlim_t>(connections) + 64;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) loadgen::fail("getrlimit", errno);
  if (limit.rlim_cur >= needed) return;
  limit.rlim_cur = needed;
  if (limit.rlim_max < needed) limit.rlim_max = needed;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    loadgen::fail("too few file descriptors allowed (ulimit -n)", errno);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const loadgen::Options options = loadgen::parseOptions(argc, argv);
  alarm(kLifeSeconds);
  raiseDescriptorLimit(options.connections);
  if (options.mode == "echo" || options.mode == "lines") {
    loadgen::runTraffic(options);
  } else if (options.mode == "datagrams") {
    loadgen::runDatagrams(options);
  } else if (options.mode == "churn") {
    loadgen::runChurn(options);
  } else if (options.mode == "burst") {
    loadgen::runBurst(options);
  } else if (options.mode == "idle") {
    loadgen::runIdle(options);
  } else {
    loadgen::fail("unknown mode " + options.mode);
  }
  return 0;
}
