// The only file that talks to the system. What only Linux has stands in a branch of its own; the
// other branch is plain POSIX.
#include "sys.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "address.h"

namespace ics::sys {

namespace {

#if defined(MSG_NOSIGNAL)
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;  // such systems need SO_NOSIGPIPE, see prepareDescriptor()
#endif

// Runs a call that answers -1 and errno until no signal interrupts it.
template <typename Call>
auto retry(Call call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

#if !defined(__linux__)
// What SOCK_NONBLOCK and SOCK_CLOEXEC do elsewhere. Closes the descriptor when it fails.
int prepareDescriptor(int fd) {
  if (fd < 0) return fd;
  int failed = makeNonBlocking(fd);
  if (failed == 0 && ::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) failed = -errno;
#if defined(SO_NOSIGPIPE)
  if (failed == 0) failed = setOption(fd, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
  if (failed == 0) return fd;
  closeFd(fd);
  return failed;
}
#endif

using NameCall = int (*)(int, sockaddr*, socklen_t*);

int askAddress(NameCall call, int fd, Address& address) {
  Address answer;
  socklen_t size = sizeof(answer.v6);
  if (call(fd, &answer.base, &size) < 0) return -errno;
  address = answer;
  return 0;
}

int resolverError(int code) {
  switch (code) {
    case EAI_NONAME:
#if defined(EAI_NODATA) && EAI_NODATA != EAI_NONAME
    case EAI_NODATA:
#endif
      return 11001;  // WSAHOST_NOT_FOUND
    case EAI_AGAIN:
      return 11002;  // WSATRY_AGAIN
    case EAI_FAIL:
      return 11003;  // WSANO_RECOVERY
    default:
      return 11004;  // WSANO_DATA
  }
}

}  // namespace

int openSocket(int family, int type) {
#if defined(__linux__)
  return retry([&] { return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); });
#else
  return prepareDescriptor(retry([&] { return ::socket(family, type, 0); }));
#endif
}

int bindTo(int fd, const Address& address) {
  return retry([&] { return ::bind(fd, &address.base, address.size()); });
}

int listenOn(int fd, int backlog) {
  return retry([&] { return ::listen(fd, backlog); });
}

int connectTo(int fd, const Address& address) {
  // Not retried: an interrupted connect goes on by itself, a second one would answer EALREADY.
  if (::connect(fd, &address.base, address.size()) == 0) return 0;
  return errno == EINTR ? -EINPROGRESS : -errno;
}

int acceptFrom(int fd, Address& peer) {
  Address answer;
  const int accepted = retry([&] {
    socklen_t size = sizeof(answer.v6);
#if defined(__linux__)
    return ::accept4(fd, &answer.base, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    return ::accept(fd, &answer.base, &size);
#endif
  });
  if (accepted >= 0) peer = answer;
#if defined(__linux__)
  return accepted;
#else
  return prepareDescriptor(accepted);
#endif
}

int localAddress(int fd, Address& address) { return askAddress(::getsockname, fd, address); }

int peerAddress(int fd, Address& address) { return askAddress(::getpeername, fd, address); }

int shutdownSocket(int fd, int how) { return ::shutdown(fd, how) < 0 ? -errno : 0; }

// Never repeated: after EINTR the descriptor is gone all the same, and its number may already
// belong to somebody else.
int closeFd(int fd) { return ::close(fd) < 0 && errno != EINTR ? -errno : 0; }

ssize_t receive(int fd, void* to, size_t size) {
  return retry([&] { return ::recv(fd, to, size, MSG_DONTWAIT); });
}

ssize_t peek(int fd, void* to, size_t size) {
  return retry([&] { return ::recv(fd, to, size, MSG_PEEK | MSG_DONTWAIT); });
}

ssize_t discard(int fd, size_t size) {
#if defined(__linux__)
  return retry([&] { return ::recv(fd, nullptr, size, MSG_TRUNC | MSG_DONTWAIT); });
#else
  char scratch[16 * 1024];
  return receive(fd, scratch, size < sizeof(scratch) ? size : sizeof(scratch));
#endif
}

ssize_t send(int fd, const void* from, size_t size) {
  return retry([&] { return ::send(fd, from, size, kNoSignal | MSG_DONTWAIT); });
}

ssize_t sendv(int fd, const iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
  return retry([&] { return ::sendmsg(fd, &message, kNoSignal | MSG_DONTWAIT); });
}

int unreadBytes(int fd) {
  int count = 0;
  return ::ioctl(fd, FIONREAD, &count) < 0 ? -errno : count;
}

ssize_t receiveFrom(int fd, void* to, size_t size, Address& sender) {
  iovec part{to, size};
  Address from;
  msghdr message{};
  message.msg_name = &from.base;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ssize_t got = -1;
  do {
    message.msg_namelen = sizeof(from.v6);
    got = ::recvmsg(fd, &message, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;
  sender = from;
  return (message.msg_flags & MSG_TRUNC) ? -EMSGSIZE : got;
}

ssize_t sendTo(int fd, const void* from, size_t size, const Address& target) {
  return retry([&] {
    return ::sendto(fd, from, size, kNoSignal | MSG_DONTWAIT, &target.base, target.size());
  });
}

int multicastGroup(int fd, bool join, const Address& group, const Address& interface) {
  if (group.family() == AF_INET) {
    ip_mreq request{};
    request.imr_multiaddr = group.v4.sin_addr;
    if (interface.family() == AF_INET) request.imr_interface = interface.v4.sin_addr;
    const int name = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return ::setsockopt(fd, IPPROTO_IP, name, &request, sizeof(request)) < 0 ? -errno : 0;
  }
  ipv6_mreq request{};
  request.ipv6mr_multiaddr = group.v6.sin6_addr;
  request.ipv6mr_interface = group.v6.sin6_scope_id;
  const int name = join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
  return ::setsockopt(fd, IPPROTO_IPV6, name, &request, sizeof(request)) < 0 ? -errno : 0;
}

int multicastInterface(int fd, const Address& interface) {
  if (interface.family() == AF_INET) {
    const in_addr& address = interface.v4.sin_addr;
    return ::setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &address, sizeof(address)) < 0 ? -errno
                                                                                        : 0;
  }
  const unsigned index = interface.v6.sin6_scope_id;
  return ::setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index)) < 0 ? -errno : 0;
}

int setOption(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

int getOption(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, level, name, &value, &size) < 0 ? -errno : value;
}

int setLinger(int fd, bool on, int seconds) {
  linger value{};
  value.l_onoff = on ? 1 : 0;
  value.l_linger = seconds;
  return ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof(value)) < 0 ? -errno : 0;
}

int takeError(int fd) {
  const int error = getOption(fd, SOL_SOCKET, SO_ERROR);
  return error < 0 ? -error : error;
}

int socketType(int fd) { return getOption(fd, SOL_SOCKET, SO_TYPE); }

int makeNonBlocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  if ((flags & O_NONBLOCK) != 0) return 0;
  return ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

uint64_t fileId(int fd) {
#if defined(__linux__)  // fstat is a symbol of glibc 2.33 when it is compiled there
  struct statx facts {};
  return ::statx(fd, "", AT_EMPTY_PATH, STATX_INO, &facts) < 0 ? 0 : facts.stx_ino;
#else
  struct stat facts {};
  return ::fstat(fd, &facts) < 0 ? 0 : static_cast<uint64_t>(facts.st_ino);
#endif
}

int openNull() {
  return retry([] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); });
}

#if defined(__linux__)

int epollCreate() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  return set < 0 ? -errno : set;
}

int epollControl(int set, int operation, int fd, uint32_t events, uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  return ::epoll_ctl(set, operation, fd, &event) < 0 ? -errno : 0;
}

// A signal ends the wait early with no events, as in waitReadable().
int epollWait(int set, epoll_event* events, int capacity, int timeoutMs) {
  const int count = ::epoll_wait(set, events, capacity, timeoutMs);
  if (count >= 0) return count;
  return errno == EINTR ? 0 : -errno;
}

#endif

// A signal ends the wait early with 0, so that the caller can look round before it waits again.
int waitReadable(int fd, int timeoutMs) {
  pollfd wanted{};
  wanted.fd = fd;
  wanted.events = POLLIN;
  const int count = ::poll(&wanted, 1, timeoutMs);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  if (count == 0) return 0;
  return (wanted.revents & POLLNVAL) != 0 ? -EBADF : 1;
}

int servicePort(const char* name, const char* protocol) {
  const servent* found = nullptr;
#if defined(__linux__)
  servent entry{};
  servent* result = nullptr;
  char memory[8 * 1024];
  if (::getservbyname_r(name, protocol, &entry, memory, sizeof(memory), &result) == 0) {
    found = result;
  }
#else
  found = ::getservbyname(name, protocol);
#endif
  if (found == nullptr) return -ENOENT;
  const int port = ntohs(static_cast<uint16_t>(found->s_port));
  return port == 0 ? -ENOENT : port;
}

int resolveHost(const char* name, int family, Address& address) {
  std::vector<Address> addresses;
  const int failed = resolveHostAll(name, family, addresses);
  if (failed == 0) address = addresses.front();
  return failed;
}

int resolveHostAll(const char* name, int family, std::vector<Address>& addresses) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answers = nullptr;
  int code = 0;
  do {
    code = ::getaddrinfo(name, nullptr, &hints, &answers);
  } while (code == EAI_SYSTEM && errno == EINTR);
  if (code != 0) return resolverError(code);

  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(answers, ::freeaddrinfo);
  for (const addrinfo* answer = answers; answer != nullptr; answer = answer->ai_next) {
    if (answer->ai_family != AF_INET && answer->ai_family != AF_INET6) continue;
    Address suitable;
    std::memcpy(&suitable.v6, answer->ai_addr, answer->ai_addrlen);
    const auto isSame = [&](const Address& other) {
      return std::memcmp(&other.v6, &suitable.v6, sizeof(other.v6)) == 0;
    };
    if (std::any_of(addresses.begin(), addresses.end(), isSame)) continue;
    addresses.push_back(suitable);
    if (addresses.size() == kMaxAddresses) break;
  }
  return addresses.empty() ? resolverError(EAI_NONAME) : 0;
}

int resolveAddress(const Address& address, std::string& name) {
  char found[NI_MAXHOST] = "";
  int code = 0;
  do {
    code =
        ::getnameinfo(&address.base, address.size(), found, sizeof(found), nullptr, 0, NI_NAMEREQD);
  } while (code == EAI_SYSTEM && errno == EINTR);
  if (code != 0) return resolverError(code);
  // Whoever owns the address chose the text: what is no name must not reach a log.
  const auto isStrange = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; };
  const std::string text(found);
  if (text.empty() || std::any_of(text.begin(), text.end(), isStrange))
    return resolverError(EAI_FAMILY);
  name = text;
  return 0;
}

int openWakeUp(int& readEnd, int& writeEnd) {
#if defined(__linux__)
  const int both = retry([] { return ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); });
  if (both < 0) return both;
  readEnd = writeEnd = both;
#else
  int ends[2];
  if (::pipe(ends) < 0) return -errno;
  for (const int end : ends) {
    makeNonBlocking(end);
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  readEnd = ends[0];
  writeEnd = ends[1];
#endif
  return 0;
}

void wake(int writeEnd) {
  const uint64_t one = 1;  // an eventfd takes eight bytes
  retry([&] { return ::write(writeEnd, &one, sizeof(one)); });
}

void clearWakeUp(int readEnd) {
  uint64_t words[64];
  ssize_t got = 0;
  do {
    got = retry([&] { return ::read(readEnd, words, sizeof(words)); });
  } while (got == static_cast<ssize_t>(sizeof(words)));
}

uint64_t monotonicMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

int processorCount() {
  const long count = ::sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 && count < 1024 ? static_cast<int>(count) : 1;
}

}  // namespace ics::sys
