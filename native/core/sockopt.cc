// Maps options to what the kernel calls them, and their units to what the kernel counts in.
#include "sockopt.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <climits>

#include "sys.h"

namespace ics {

namespace {

#if defined(TCP_KEEPIDLE)
constexpr int kKeepIdle = TCP_KEEPIDLE;
#else
constexpr int kKeepIdle = TCP_KEEPALIVE;  // macOS
#endif

#if defined(SO_REUSEPORT)
constexpr int kReusePort = SO_REUSEPORT;
#else
constexpr int kReusePort = -1;            // no system knows it
#endif

enum class Unit { Number, Flag, Milliseconds };

struct Entry {
  int level;
  int name;
  Unit unit;
};

bool lookUp(SockOpt option, Entry& entry) {
  switch (option) {
    case SockOpt::RcvBuf:
      entry = {SOL_SOCKET, SO_RCVBUF, Unit::Number};
      return true;
    case SockOpt::SndBuf:
      entry = {SOL_SOCKET, SO_SNDBUF, Unit::Number};
      return true;
    case SockOpt::NoDelay:
      entry = {IPPROTO_TCP, TCP_NODELAY, Unit::Flag};
      return true;
    case SockOpt::KeepAlive:
      entry = {SOL_SOCKET, SO_KEEPALIVE, Unit::Flag};
      return true;
    case SockOpt::KeepIdle:
      entry = {IPPROTO_TCP, kKeepIdle, Unit::Milliseconds};
      return true;
    case SockOpt::KeepInterval:
      entry = {IPPROTO_TCP, TCP_KEEPINTVL, Unit::Milliseconds};
      return true;
    case SockOpt::ReuseAddr:
      entry = {SOL_SOCKET, SO_REUSEADDR, Unit::Flag};
      return true;
    case SockOpt::V6Only:
      entry = {IPPROTO_IPV6, IPV6_V6ONLY, Unit::Flag};
      return true;
    case SockOpt::Broadcast:
      entry = {SOL_SOCKET, SO_BROADCAST, Unit::Flag};
      return true;
    case SockOpt::MulticastTtl:
      entry = {IPPROTO_IP, IP_MULTICAST_TTL, Unit::Number};
      return true;
    case SockOpt::MulticastHops:
      entry = {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, Unit::Number};
      return true;
    case SockOpt::MulticastLoop:
      entry = {IPPROTO_IP, IP_MULTICAST_LOOP, Unit::Flag};
      return true;
    case SockOpt::MulticastLoop6:
      entry = {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, Unit::Flag};
      return true;
    case SockOpt::ReusePort:
      entry = {SOL_SOCKET, kReusePort, Unit::Flag};
      return true;
  }
  return false;
}

}  // namespace

int setSockOpt(int fd, SockOpt option, int value) {
  Entry entry;
  if (!lookUp(option, entry)) return -EINVAL;
  if (entry.unit == Unit::Flag) value = value != 0 ? 1 : 0;
  if (entry.unit == Unit::Milliseconds) value = value / 1000 + (value % 1000 > 0 ? 1 : 0);
  return sys::setOption(fd, entry.level, entry.name, value);
}

int getSockOpt(int fd, SockOpt option) {
  Entry entry;
  if (!lookUp(option, entry)) return -EINVAL;
  const int value = sys::getOption(fd, entry.level, entry.name);
  if (value < 0) return value;
  if (entry.unit == Unit::Flag) return value != 0 ? 1 : 0;
  if (entry.unit == Unit::Milliseconds) return value > INT_MAX / 1000 ? INT_MAX : value * 1000;
  return value;
}

int setLingerOption(int fd, bool on, int seconds) {
  const bool reset = on && seconds == 0;
  return sys::setLinger(fd, reset, 0);
}

}  // namespace ics
