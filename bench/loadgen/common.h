// What every mode of the load generator shares: the command line, the byte
// pattern that is sent and verified, the clock and the socket helpers.
//
// Linux and loopback only. A failure of any kind ends the process with exit
// code 1 after one JSON line that names it: a benchmark figure is either
// complete and verified or it does not exist.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace loadgen {

struct Options {
  std::string mode;
  int port = 0;
  int connections = 1;
  int size = 64;       // bytes per message
  int depth = 1;       // messages per write; the next write waits for all answers
  double seconds = 1;  // no new message is started later than this
  long count = 0;      // upper bound of messages, cycles or bursts; 0 = only `seconds` counts
  bool wait = false;   // "ready" and "go" before the load, connections kept until stdin ends
};

// Exits with a JSON line on unknown or impossible values.
Options parseOptions(int argc, char** argv);

// Prints {"error": …} and exits. `error` is an errno value or 0.
[[noreturn]] void fail(const std::string& what, int error = 0);

// Seconds of the monotonic clock.
double now();

// The bytes a connection sends for ever and expects back: one table that
// repeats, entered at a different place by every connection. Chunks of up to
// `longest` bytes can be taken at any offset below period() without a copy.
class Pattern {
 public:
  // Arbitrary bytes, or printable lines of `lineSize` bytes that end in CR LF.
  static Pattern bytes(size_t longest);
  static Pattern lines(size_t lineSize, size_t longest);

  const char* at(size_t offset) const { return table_.data() + offset; }
  size_t period() const { return period_; }
  size_t advance(size_t offset, size_t by) const { return (offset + by) % period_; }

  // Where connection number `index` enters the table.
  size_t start(size_t index) const { return (index * step_) % period_; }

 private:
  Pattern(size_t period, size_t step) : period_(period), step_(step) {}
  void repeat(size_t longest);

  std::vector<char> table_;
  size_t period_;
  size_t step_;
};

// A non-blocking socket that has started to connect to 127.0.0.1:port. The
// source address walks through 127.0.1.1 … 127.0.1.64, so that connections in
// TIME_WAIT never use up the ephemeral ports.
int startConnect(int port, size_t index);

// Reads up to `length` bytes. Returns the bytes, 0 at end of stream or -1 when
// nothing waits; every other outcome is a failure.
ssize_t receive(int fd, char* buffer, size_t length);

// Writes what the kernel takes: the bytes, or -1 when it takes nothing now or
// the connection is not established yet.
ssize_t transmit(int fd, const char* data, size_t length);

// One epoll descriptor. wait() fails if nothing at all happens for five
// seconds, because then a connection hangs and the figures are worthless.
class Epoll {
 public:
  Epoll();
  void add(int fd, unsigned events, void* tag);
  void change(int fd, unsigned events, void* tag);
  int wait();
  // The same for those who expect silence: 0 after so many milliseconds.
  int wait(int milliseconds);
  void* tag(int index) const;
  unsigned events(int index) const;

 private:
  struct Batch;
  int fd_;
  Batch* batch_;
};

// The start signal of the runner: prints "ready" and waits for one line.
// Returns at once without --wait.
void waitForGo(const Options& options);

// Keeps the connections open until stdin ends. Returns at once without --wait.
void waitForEnd(const Options& options);

}  // namespace loadgen
