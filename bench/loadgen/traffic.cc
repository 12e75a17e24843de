// Modes "echo" and "lines": long-lived connections that send batches of
// messages and verify every byte that comes back.
//
// A connection writes one batch (depth × size bytes) in one send, waits until
// all of it has come back and then writes the next one: a closed loop whose
// pace is the server's. Connecting is not part of the measured time.

#include "traffic.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

namespace loadgen {

namespace {

class Traffic {
 public:
  Traffic(const Options& options, Pattern pattern)
      : options_(options),
        pattern_(std::move(pattern)),
        batchBytes_(static_cast<size_t>(options.size) * static_cast<size_t>(options.depth)),
        input_(kInputBytes) {}

  void run() {
    connectAll();
    // One batch each, unmeasured: proves that every connection is served.
    drive(0);
    waitForGo(options_);

    messages_ = 0;
    const double begin = now();
    drive(begin + options_.seconds);
    const double seconds = now() - begin;
    checkSilence();

    const double bytes = static_cast<double>(messages_) * options_.size;
    std::printf(
        "{\"mode\":\"%s\",\"messages\":%ld,\"bytes\":%.0f,\"seconds\":%.6f,\"verified\":true}\n",
        options_.mode.c_str(), messages_, bytes, seconds);
    std::fflush(stdout);
    waitForEnd(options_);
    for (const Connection& connection : connections_) ::close(connection.fd);
  }

 private:
  static constexpr size_t kInputBytes = 256 * 1024;

  struct Connection {
    int fd = -1;
    size_t offset = 0;    // place of the current batch in the pattern
    size_t sent = 0;      // bytes of the batch the kernel has taken
    size_t received = 0;  // bytes of the batch that came back
    bool writeArmed = false;
  };

  void connectAll() {
    connections_.resize(static_cast<size_t>(options_.connections));
    for (size_t i = 0; i < connections_.size(); i++) {
      Connection& connection = connections_[i];
      connection.fd = startConnect(options_.port, i);
      connection.offset = pattern_.start(i);
      connection.writeArmed = true;
      epoll_.add(connection.fd, EPOLLIN | EPOLLOUT, &connection);
    }
  }

  // Every connection sends at least one batch and goes on until `deadline`.
  void drive(double deadline) {
    deadline_ = deadline;
    limit_ = options_.count > 0 && deadline > 0 ? options_.count : 0;
    stopping_ = deadline == 0;
    active_ = connections_.size();
    for (Connection& connection : connections_) sendRest(connection);

    while (active_ > 0) {
      const int count = epoll_.wait();
      if (!stopping_) stopping_ = now() >= deadline_ || (limit_ > 0 && messages_ >= limit_);
      for (int i = 0; i < count; i++) {
        auto& connection = *static_cast<Connection*>(epoll_.tag(i));
        if (connection.writeArmed) sendRest(connection);
        if ((epoll_.events(i) & ~static_cast<unsigned>(EPOLLOUT)) != 0) readAnswer(connection);
      }
    }
  }

  void sendRest(Connection& connection) {
    const char* data = pattern_.at(connection.offset) + connection.sent;
    const ssize_t sent = transmit(connection.fd, data, batchBytes_ - connection.sent);
    if (sent > 0) connection.sent += static_cast<size_t>(sent);

    const bool incomplete = connection.sent < batchBytes_;
    if (incomplete == connection.writeArmed) return;
    connection.writeArmed = incomplete;
    const unsigned events = incomplete ? EPOLLIN | EPOLLOUT : EPOLLIN;
    epoll_.change(connection.fd, events, &connection);
  }

  void readAnswer(Connection& connection) {
    const ssize_t got = receive(connection.fd, input_.data(), input_.size());
    if (got < 0) return;
    if (got == 0) fail("the server closed a connection");
    const auto length = static_cast<size_t>(got);
    if (connection.received + length > connection.sent) fail("more bytes came back than were sent");

    const char* expected = pattern_.at(connection.offset) + connection.received;
    if (std::memcmp(input_.data(), expected, length) != 0) fail("wrong bytes came back");
    connection.received += length;
    if (connection.received == batchBytes_) finishBatch(connection);
  }

  void finishBatch(Connection& connection) {
    messages_ += options_.depth;
    connection.offset = pattern_.advance(connection.offset, batchBytes_);
    connection.sent = 0;
    connection.received = 0;
    if (stopping_) {
      active_--;
    } else {
      sendRest(connection);
    }
  }

  // All batches are answered, so a byte that still arrives is one too many.
  void checkSilence() {
    for (const Connection& connection : connections_) {
      if (receive(connection.fd, input_.data(), 1) >= 0)
        fail("unexpected byte after the last answer");
    }
  }

  const Options& options_;
  const Pattern pattern_;
  const size_t batchBytes_;
  std::vector<char> input_;
  std::vector<Connection> connections_;
  Epoll epoll_;
  double deadline_ = 0;
  long limit_ = 0;
  bool stopping_ = false;
  size_t active_ = 0;
  long messages_ = 0;
};

}  // namespace

void runTraffic(const Options& options) {
  const auto size = static_cast<size_t>(options.size);
  const size_t batch = size * static_cast<size_t>(options.depth);
  const bool lines = options.mode == "lines";
  Traffic(options, lines ? Pattern::lines(size, batch) : Pattern::bytes(batch)).run();
}

}  // namespace loadgen
