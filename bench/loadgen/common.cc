// Command line, pattern, clock and socket helpers; see common.h.

#include "common.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace loadgen {

namespace {

constexpr int kStallMilliseconds = 5000;
constexpr unsigned kSourceAddresses = 64;
constexpr long kMaxMessageBytes = 1 << 20;

double number(const char* name, const char* text, double least, double most) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= least && value <= most)) {
    fail(std::string(name) + " is out of range: " + text);
  }
  return value;
}

// xorshift32: the same bytes in every run, without a short period.
class Random {
 public:
  unsigned next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ >> 8;
  }

 private:
  unsigned state_ = 2463534242u;
};

}  // namespace

Options parseOptions(int argc, char** argv) {
  if (argc < 2) {
    fail(
        "usage: loadgen echo|lines|churn|burst|idle --port N [--connections N] [--size N]"
        " [--depth N] [--seconds S] [--count N] [--wait]");
  }
  Options options;
  options.mode = argv[1];
  for (int i = 2; i < argc; i++) {
    const std::string name = argv[i];
    if (name == "--wait") {
      options.wait = true;
      continue;
    }
    if (i + 1 >= argc) fail("no value for " + name);
    const char* text = argv[++i];
    const auto integer = [&](long most) {
      return static_cast<int>(number(name.c_str(), text, 1, static_cast<double>(most)));
    };
    if (name == "--port") {
      options.port = integer(65535);
    } else if (name == "--connections") {
      options.connections = integer(20000);
    } else if (name == "--size") {
      options.size = integer(kMaxMessageBytes);
    } else if (name == "--depth") {
      options.depth = integer(1024);
    } else if (name == "--seconds") {
      options.seconds = number(name.c_str(), text, 0.01, 60);
    } else if (name == "--count") {
      options.count = integer(100000000);
    } else {
      fail("unknown option " + name);
    }
  }
  if (options.port == 0) fail("--port is missing");
  if (static_cast<long>(options.size) * options.depth > kMaxMessageBytes) {
    fail("size × depth is more than 1 MiB");
  }
  return options;
}

void fail(const std::string& what, int error) {
  const std::string text = error == 0 ? what : what + ": " + std::strerror(error);
  std::printf("{\"error\":\"%s\"}\n", text.c_str());
  std::fflush(stdout);
  _exit(1);
}

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Prime periods: no message size divides them, so a connection does not send
// the same message twice in a row and a shifted answer cannot look right.
Pattern Pattern::bytes(size_t longest) {
  Pattern pattern(65521, 7919);
  Random random;
  for (size_t i = 0; i < pattern.period_; i++) {
    pattern.table_.push_back(static_cast<char>(random.next()));
  }
  pattern.repeat(longest);
  return pattern;
}

Pattern Pattern::lines(size_t lineSize, size_t longest) {
  if (lineSize < 3) fail("a line needs at least 3 bytes");
  Pattern pattern(1021 * lineSize, 37 * lineSize);
  Random random;
  for (size_t i = 0; i < pattern.period_; i++) {
    const size_t column = i % lineSize;
    const char printable = static_cast<char>('!' + random.next() % 94);
    pattern.table_.push_back(column == lineSize - 2   ? '\r'
                             : column == lineSize - 1 ? '\n'
                                                      : printable);
  }
  pattern.repeat(longest);
  return pattern;
}

void Pattern::repeat(size_t longest) {
  table_.reserve(period_ + longest);
  for (size_t i = 0; i < longest; i++) table_.push_back(table_[i]);
}

int startConnect(int port, size_t index) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket", errno);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7f000101u + static_cast<unsigned>(index % kSourceAddresses));
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(fd, raw, sizeof address) != 0) fail("bind", errno);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (::connect(fd, raw, sizeof address) != 0 && errno != EINPROGRESS) fail("connect", errno);
  return fd;
}

ssize_t receive(int fd, char* buffer, size_t length) {
  const ssize_t got = ::recv(fd, buffer, length, 0);
  if (got < 0 && errno != EAGAIN && errno != EINTR) fail("recv", errno);
  return got;
}

ssize_t transmit(int fd, const char* data, size_t length) {
  const ssize_t sent = ::send(fd, data, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) fail("send", errno);
  return sent;
}

struct Epoll::Batch {
  std::array<epoll_event, 512> events;
};

// Both live as long as the process, so nothing releases them.
Epoll::Epoll() : fd_(::epoll_create1(EPOLL_CLOEXEC)), batch_(new Batch) {
  if (fd_ < 0) fail("epoll_create1", errno);
}

void Epoll::add(int fd, unsigned events, void* tag) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl add", errno);
}

void Epoll::change(int fd, unsigned events, void* tag) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  if (::epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &event) != 0) fail("epoll_ctl mod", errno);
}

int Epoll::wait() {
  const int count = wait(kStallMilliseconds);
  if (count == 0) fail("stalled: no answer for five seconds");
  return count;
}

int Epoll::wait(int milliseconds) {
  const int room = static_cast<int>(batch_->events.size());
  int count = -1;
  do {
    count = ::epoll_wait(fd_, batch_->events.data(), room, milliseconds);
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail("epoll_wait", errno);
  return count;
}

void* Epoll::tag(int index) const { return batch_->events[static_cast<size_t>(index)].data.ptr; }

unsigned Epoll::events(int index) const {
  return batch_->events[static_cast<size_t>(index)].events;
}

void waitForGo(const Options& options) {
  if (!options.wait) return;
  std::printf("ready\n");
  std::fflush(stdout);
  for (int c = std::getchar(); c != '\n'; c = std::getchar()) {
    if (c == EOF) fail("stdin ended before the start signal");
  }
}

void waitForEnd(const Options& options) {
  if (!options.wait) return;
  while (std::getchar() != EOF) {
  }
}

}  // namespace loadgen
