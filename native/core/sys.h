// Every system call of the addon. EINTR is handled here and nowhere else; a failure comes back as
// -errno, never through errno and never as an exception. No call in this file blocks, except
// the functions under "Names" (getaddrinfo, getnameinfo) and waitReadable() with a timeout.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

struct epoll_event;

namespace ics {
struct Address;
}

namespace ics::sys {

// Sockets. Descriptors are made non-blocking and close-on-exec in the same step.
int openSocket(int family, int type);
int bindTo(int fd, const Address& address);
int listenOn(int fd, int backlog);
int connectTo(int fd, const Address& address);  // -EINPROGRESS: the poller tells
int acceptFrom(int fd, Address& peer);
int localAddress(int fd, Address& address);
int peerAddress(int fd, Address& address);
int shutdownSocket(int fd, int how);
int closeFd(int fd);

// Bytes. 0 from receive() is the peer's FIN; -EAGAIN says "would block".
ssize_t receive(int fd, void* to, size_t size);
ssize_t peek(int fd, void* to, size_t size);
ssize_t discard(int fd, size_t size);  // throws away up to `size` unread bytes without copying them
ssize_t send(int fd, const void* from, size_t size);
ssize_t sendv(int fd, const iovec* parts, int count);
int unreadBytes(int fd);  // FIONREAD

// Datagrams. receiveFrom() answers -EMSGSIZE when `size` was too small; its rest is gone.
ssize_t receiveFrom(int fd, void* to, size_t size, Address& sender);
ssize_t sendTo(int fd, const void* from, size_t size, const Address& target);
// Joins (or leaves) a group on the interface with this local IPv4 address, or with this index.
int multicastGroup(int fd, bool join, const Address& group, const Address& interface);
int multicastInterface(int fd, const Address& interface);

// Options and facts.
int setOption(int fd, int level, int name, int value);
int getOption(int fd, int level, int name);
int setLinger(int fd, bool on, int seconds);
int takeError(int fd);   // SO_ERROR as a positive errno, 0 if none; reading it clears it
int socketType(int fd);  // SOCK_STREAM, SOCK_DGRAM, …; -EBADF, -ENOTSOCK
int makeNonBlocking(int fd);
// Tells whether a number still stands for the same file; 0: it stands for none, or nobody knows.
uint64_t fileId(int fd);
int openNull();  // a descriptor that only holds a number, for the accept reserve

// Poller primitives (Linux).
int epollCreate();
int epollControl(int set, int operation, int fd, uint32_t events, uint64_t data);
int epollWait(int set, epoll_event* events, int capacity, int timeoutMs);

// Waits until `fd` is readable: 1, 0 after timeoutMs (-1: no limit), or -errno.
int waitReadable(int fd, int timeoutMs);

// Names. A service name becomes a port (1..65535); unknown: -ENOENT.
int servicePort(const char* name, const char* protocol);
// Blocking. 0 and the first suitable address, or a Windows resolver number (11001 …).
// family: AF_INET, AF_INET6 or AF_UNSPEC (first of either).
int resolveHost(const char* name, int family, Address& address);

// The same, all suitable addresses in the resolver's order, none twice, kMaxAddresses at most.
constexpr size_t kMaxAddresses = 1024;
int resolveHostAll(const char* name, int family, std::vector<Address>& addresses);
// Blocking. 0 and the name that belongs to an address, or a Windows resolver number.
int resolveAddress(const Address& address, std::string& name);

// A descriptor that one thread makes readable for another. Where both ends are one descriptor, both
// numbers are the same. 0 or -errno.
int openWakeUp(int& readEnd, int& writeEnd);
void wake(int writeEnd);  // never blocks; waking twice is waking once
void clearWakeUp(int readEnd);

uint64_t monotonicMicroseconds();
int processorCount();  // >= 1

}  // namespace ics::sys
