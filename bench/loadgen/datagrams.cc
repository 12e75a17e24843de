// Mode "datagrams": UDP sockets that keep `depth` datagrams each on their way and verify every byte
// that comes back.
//
// An answer is followed by the next datagram of that socket: a closed loop whose pace is the
// server's. A datagram begins with its number in 8 bytes. UDP may lose some: a socket that has
// heard nothing for a while gives up what is missing and sends anew. Lost ones are not counted as
// messages, and more than one in a hundred makes the figures worthless.

#include "datagrams.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace loadgen {

namespace {

constexpr size_t kHeader = sizeof(uint64_t);
constexpr double kLostAfter = 0.2;  // seconds without an answer
constexpr double kStall = 5;
constexpr long kMostLost = 100;  // one in so many

class Datagrams {
 public:
  explicit Datagrams(const Options& options)
      : options_(options),
        size_(static_cast<size_t>(options.size)),
        pattern_(Pattern::bytes(size_)),
        output_(size_),
        input_(64 * 1024) {
    if (size_ < kHeader || size_ > 65507) fail("a datagram has 8 to 65507 bytes");
  }

  void run() {
    for (int i = 0; i < options_.connections; i++) open();
    drive(0);
    waitForGo(options_);

    messages_ = lost_ = 0;
    const double begin = now();
    drive(begin + options_.seconds);
    const double seconds = now() - begin;
    if (lost_ * kMostLost > messages_) fail("too many datagrams were lost");
    const double bytes = static_cast<double>(messages_) * options_.size;
    std::printf(
        "{\"mode\":\"%s\",\"messages\":%ld,\"bytes\":%.0f,\"seconds\":%.6f,\"lost\":%ld,"
        "\"verified\":true}\n",
        options_.mode.c_str(), messages_, bytes, seconds, lost_);
    std::fflush(stdout);
    waitForEnd(options_);
    for (const Socket& socket : sockets_) ::close(socket.fd);
  }

 private:
  struct Socket {
    int fd = -1;
    uint64_t next = 0;    // number of the next datagram
    uint64_t oldest = 0;  // numbers below were answered or given up
    int open = 0;         // on their way
    double heard = 0;
  };

  void open() {
    Socket socket;
    socket.fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket.fd < 0) fail("socket", errno);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    const auto* raw = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket.fd, raw, sizeof address) != 0) fail("connect", errno);
    sockets_.push_back(socket);
    epoll_.add(socket.fd, EPOLLIN, reinterpret_cast<void*>(sockets_.size() - 1));
  }

  // Every socket sends at least `depth` datagrams and goes on until `deadline`.
  void drive(double deadline) {
    active_ = 0;
    for (Socket& socket : sockets_) {
      socket.heard = now();
      for (int i = 0; i < options_.depth; i++) sendNext(socket);
    }
    double heard = now();
    double look = heard + kLostAfter;
    while (active_ > 0) {
      const int count = epoll_.wait(static_cast<int>(kLostAfter * 1000));
      const double time = now();
      if (count > 0) heard = time;
      if (time - heard > kStall) fail("stalled: no answer for five seconds");
      stopping_ = time >= deadline;
      for (int i = 0; i < count; i++) {
        receiveAll(sockets_[reinterpret_cast<size_t>(epoll_.tag(i))], time);
      }
      if (time < look) continue;
      look = time + kLostAfter;
      for (Socket& socket : sockets_) giveUpLost(socket, time);
    }
  }

  void sendNext(Socket& socket) {
    const uint64_t number = socket.next++;
    std::memcpy(output_.data(), pattern_.at(place(number)), size_);
    std::memcpy(output_.data(), &number, kHeader);
    // What the kernel does not take is missing like any other.
    if (transmit(socket.fd, output_.data(), size_) < 0) lost_++;
    socket.open++;
    active_++;
  }

  void receiveAll(Socket& socket, double time) {
    for (;;) {
      const ssize_t got = ::recv(socket.fd, input_.data(), input_.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0) fail("recv", errno);
      uint64_t number = 0;
      if (static_cast<size_t>(got) != size_) fail("a datagram of another size came back");
      std::memcpy(&number, input_.data(), kHeader);
      if (number >= socket.next) fail("wrong bytes came back");
      const char* expected = pattern_.at(place(number)) + kHeader;
      if (std::memcmp(input_.data() + kHeader, expected, size_ - kHeader) != 0)
        fail("wrong bytes came back");
      if (number < socket.oldest) continue;  // given up, and here after all
      socket.heard = time;
      socket.open--;
      active_--;
      messages_++;
      if (!stopping_) sendNext(socket);
    }
  }

  void giveUpLost(Socket& socket, double time) {
    if (socket.open == 0 || time - socket.heard < kLostAfter) return;
    lost_ += socket.open;
    active_ -= socket.open;
    socket.open = 0;
    socket.oldest = socket.next;
    socket.heard = time;
    if (stopping_) return;
    for (int i = 0; i < options_.depth; i++) sendNext(socket);
  }

  size_t place(uint64_t number) const {
    return pattern_.advance(0, static_cast<size_t>(number % pattern_.period()) * size_);
  }

  const Options& options_;
  const size_t size_;
  const Pattern pattern_;
  std::vector<char> output_;
  std::vector<char> input_;
  std::vector<Socket> sockets_;
  Epoll epoll_;
  bool stopping_ = false;
  long active_ = 0;
  long messages_ = 0;
  long lost_ = 0;
};

}  // namespace

void runDatagrams(const Options& options) { Datagrams(options).run(); }

}  // namespace loadgen
