// Lets system calls of the addon fail (LD_PRELOAD). Only calls whose return address lies in
// ics_wsocket.node are touched: Node's own sockets, pipes and descriptors work as ever.
//
//   ICS_FAULT_SEED     the n-th call of a kind has the same fate in every run with the same seed
//   ICS_FAULT_PLAN     "recv/300=4,s,e,k104;accept4/500=24": the call, how many of 10,000, and how:
//                        N   answers errno N, nothing is done
//                        s   short: fewer bytes or events than could be had
//                        d   late by up to 10 ms
//                        e   EAGAIN, and what was missing comes right behind the call
//                        kN  the connection is gone: the peer sees a reset, the call answers N
//                        aN  is done, and answers errno N all the same
//   ICS_FAULT_CONTROL  a file of words shared with the runner: word 0 switches the faults on and
//                      off; from word 16 on 16 per kind of call: calls, then faults by place in
//                      plan
//
// What a kernel never does is not played either. A connection is edge-triggered, and EAGAIN or a
// short read means that the next byte is told anew: so the fault asks the poller to tell anew. With
// a FIN behind the bytes a short read would be a lie, and an owner that has masked input would not
// hear of the rest: both are left alone.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORDS = 1024, PER_KIND = 16, MAX_FD = 65536 };

// In the order of the runner's list (plan.ts).
static const char *const kNames[] = {
    "accept4",   "recv",     "recvmsg", "send",    "sendmsg",       "sendto",     "epoll_wait",
    "epoll_ctl", "socket",   "bind",    "listen",  "connect",       "setsockopt", "getsockname",
    "open",      "shutdown", "close",   "eventfd", "epoll_create1", "malloc"};
enum Kind {
  ACCEPT4,
  RECV,
  RECVMSG,
  SEND,
  SENDMSG,
  SENDTO,
  EPOLL_WAIT,
  EPOLL_CTL,
  SOCKET,
  BIND,
  LISTEN,
  CONNECT,
  SETSOCKOPT,
  GETSOCKNAME,
  OPEN,
  SHUTDOWN,
  CLOSE,
  EVENTFD,
  EPOLL_CREATE1,
  MALLOC,
  KINDS
};

struct Fault {
  char how;  // 0: none; 'n' for a plain number, otherwise the letter of the plan
  int error;
  int place;
};

struct Plan {
  unsigned rate;
  int count;
  struct Fault faults[PER_KIND - 1];
  unsigned calls;
};

struct Interest {
  int set;  // 0: in no poller
  struct epoll_event event;
};

static struct Plan plans[KINDS];
static struct Interest interests[MAX_FD];
static uint64_t seed;
static volatile uint32_t *control;
static uintptr_t addonBegin, addonEnd;

#define REAL(name)               \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)(uintptr_t)dlsym(RTLD_NEXT, #name)
#define FROM_ADDON() isAddon((uintptr_t)__builtin_return_address(0))

static void parseKind(char *text) {
  char *faults = strchr(text, '=');
  char *rate = strchr(text, '/');
  if (!faults || !rate) abort();
  *faults++ = *rate++ = '\0';
  int kind = 0;
  while (kind < KINDS && strcmp(kNames[kind], text) != 0) ++kind;
  if (kind == KINDS) abort();  // a plan for nothing would pass as a test
  struct Plan *plan = &plans[kind];
  plan->rate = (unsigned)atoi(rate);
  char *rest = NULL;
  for (char *one = strtok_r(faults, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
    if (plan->count == PER_KIND - 1) abort();
    const int isNumber = *one >= '0' && *one <= '9';
    struct Fault fault = {isNumber ? 'n' : *one, atoi(isNumber ? one : one + 1), plan->count};
    plan->faults[plan->count++] = fault;
  }
}

__attribute__((constructor)) static void start(void) {
  const char *file = getenv("ICS_FAULT_CONTROL");
  const char *plan = getenv("ICS_FAULT_PLAN");
  if (!file || !plan) return;
  seed = strtoull(getenv("ICS_FAULT_SEED") ? getenv("ICS_FAULT_SEED") : "1", NULL, 10);
  char *copy = strdup(plan);
  char *rest = NULL;
  for (char *one = strtok_r(copy, ";", &rest); one; one = strtok_r(NULL, ";", &rest))
    parseKind(one);
  free(copy);
  const int fd = open(file, O_RDWR | O_CLOEXEC);
  void *memory = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) abort();
  close(fd);
  control = memory;
}

static int rememberAddon(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size;
  (void)unused;
  if (!strstr(info->dlpi_name, "ics_wsocket.node")) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    addonBegin = info->dlpi_addr + part->p_vaddr;
    addonEnd = addonBegin + part->p_memsz;
  }
  return 1;
}

static int isAddon(uintptr_t caller) {
  if (!control) return 0;
  if (!addonEnd) dl_iterate_phdr(rememberAddon, NULL);
  return caller >= addonBegin && caller < addonEnd;
}

static uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

static uint64_t number(enum Kind kind) { return mix(seed ^ mix(plans[kind].calls + 7919 * kind)); }

static struct Fault decide(enum Kind kind) {
  struct Plan *plan = &plans[kind];
  struct Fault none = {0, 0, 0};
  if (!control[0]) return none;
  ++plan->calls;
  ++control[16 + kind * PER_KIND];
  const uint64_t chance = number(kind);
  if (plan->count == 0 || chance % 10000 >= plan->rate) return none;
  return plan->faults[(chance >> 32) % (unsigned)plan->count];
}

static void count(enum Kind kind, struct Fault fault) {
  ++control[16 + kind * PER_KIND + 1 + fault.place];
}

// Between 1 and size - 1.
static size_t part(enum Kind kind, size_t size) { return 1 + mix(number(kind)) % (size - 1); }

static void late(enum Kind kind) { usleep((useconds_t)(mix(number(kind)) % 10000)); }

// Whether more may still come from the peer and the owner would be told of it.
static int mayArrive(int fd) {
  struct tcp_info info;
  socklen_t size = sizeof(info);
  if (fd < 0 || fd >= MAX_FD || !interests[fd].set) return 0;
  if (!(interests[fd].event.events & EPOLLIN)) return 0;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) return errno == EOPNOTSUPP;
  return info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_FIN_WAIT1 ||
         info.tcpi_state == TCP_FIN_WAIT2;
}

// Tells the poller's owner again of whatever there is, as an arrival right behind the call would.
static void tellAnew(int fd) {
  REAL(epoll_ctl);
  if (fd >= 0 && fd < MAX_FD && interests[fd].set)
    real(interests[fd].set - 1, EPOLL_CTL_MOD, fd, &interests[fd].event);
}

static void breakConnection(int fd) {
  REAL(connect);
  struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  int error = 0;
  socklen_t size = sizeof(error);
  real(fd, &nowhere, sizeof(nowhere));
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);  // told by the call
}

// 1: the call is over, errno is set. Everything but 's' and 'a', which the call itself does.
static int failed(enum Kind kind, struct Fault fault, int fd) {
  if (fault.how == 0 || fault.how == 's' || fault.how == 'a') return 0;
  if (fault.how == 'e' && (kind == RECV || kind == RECVMSG) && !mayArrive(fd)) return 0;
  count(kind, fault);
  if (fault.how == 'd') {
    late(kind);
    return 0;
  }
  if (fault.how == 'e') tellAnew(fd);
  if (fault.how == 'k') breakConnection(fd);
  errno = fault.how == 'e' ? EAGAIN : fault.error;
  return 1;
}

// The calls that fail or are late and know nothing else. In a macro, because the caller's address
// counts.
#define SIMPLE(kind, name, fd, ...)              \
  REAL(name);                                    \
  if (!FROM_ADDON()) return real(__VA_ARGS__);   \
  if (failed(kind, decide(kind), fd)) return -1; \
  return real(__VA_ARGS__)

// The same for calls that may be done and answer an error.
#define DONE(kind, name, fd, ...)                                              \
  REAL(name);                                                                  \
  if (!FROM_ADDON()) return real(__VA_ARGS__);                                 \
  const struct Fault fault = decide(kind);                                     \
  if (failed(kind, fault, fd)) return -1;                                      \
  const int result = real(__VA_ARGS__);                                        \
  if (fault.how != 'a' || (result < 0 && errno != EINPROGRESS)) return result; \
  count(kind, fault);                                                          \
  errno = fault.error;                                                         \
  return -1

// Storage for input and output. What is smaller the C++ library asks for, not the addon.
void *malloc(size_t size) {
  extern void *__libc_malloc(size_t);
  const int isStorage = size >= 4096 && FROM_ADDON();
  if (isStorage && failed(MALLOC, decide(MALLOC), -1)) return NULL;
  return __libc_malloc(size);
}

int socket(int domain, int type, int protocol) {
  SIMPLE(SOCKET, socket, -1, domain, type, protocol);
}
int bind(int fd, const struct sockaddr *to, socklen_t size) {
  SIMPLE(BIND, bind, fd, fd, to, size);
}
int listen(int fd, int backlog) { SIMPLE(LISTEN, listen, fd, fd, backlog); }
int connect(int fd, const struct sockaddr *to, socklen_t size) {
  DONE(CONNECT, connect, fd, fd, to, size);
}
int accept4(int fd, struct sockaddr *from, socklen_t *size, int flags) {
  SIMPLE(ACCEPT4, accept4, fd, fd, from, size, flags);
}
int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  SIMPLE(SETSOCKOPT, setsockopt, fd, fd, level, name, value, size);
}
int getsockname(int fd, struct sockaddr *to, socklen_t *size) {
  SIMPLE(GETSOCKNAME, getsockname, fd, fd, to, size);
}
int shutdown(int fd, int how) { SIMPLE(SHUTDOWN, shutdown, fd, fd, how); }
int eventfd(unsigned int value, int flags) { SIMPLE(EVENTFD, eventfd, -1, value, flags); }
int epoll_create1(int flags) { SIMPLE(EPOLL_CREATE1, epoll_create1, -1, flags); }

int open(const char *name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  SIMPLE(OPEN, open, -1, name, flags, mode);
}

int close(int fd) {
  if (fd >= 0 && fd < MAX_FD) interests[fd].set = 0;
  DONE(CLOSE, close, fd, fd);
}

int epoll_ctl(int set, int operation, int fd, struct epoll_event *event) {
  REAL(epoll_ctl);
  if (!FROM_ADDON()) return real(set, operation, fd, event);
  if (operation == EPOLL_CTL_ADD && failed(EPOLL_CTL, decide(EPOLL_CTL), fd)) return -1;
  const int result = real(set, operation, fd, event);
  if (result < 0 || fd < 0 || fd >= MAX_FD) return result;
  interests[fd].set = operation == EPOLL_CTL_DEL ? 0 : set + 1;
  if (operation != EPOLL_CTL_DEL) interests[fd].event = *event;
  return result;
}

int epoll_wait(int set, struct epoll_event *events, int room, int timeout) {
  REAL(epoll_wait);
  if (!FROM_ADDON()) return real(set, events, room, timeout);
  const struct Fault fault = decide(EPOLL_WAIT);
  if (failed(EPOLL_WAIT, fault, -1)) return -1;
  if (fault.how == 's' && room > 1) {
    room = 1 + (int)(part(EPOLL_WAIT, 4));
    count(EPOLL_WAIT, fault);
  }
  return real(set, events, room, timeout);
}

ssize_t recv(int fd, void *to, size_t size, int flags) {
  REAL(recv);
  if (!FROM_ADDON()) return real(fd, to, size, flags);
  const struct Fault fault = decide(RECV);
  if (!to && fault.error != EINTR) return real(fd, to, size, flags);  // thrown away by a close
  if (failed(RECV, fault, fd)) return -1;
  const int cut = fault.how == 's' && size > 1 && mayArrive(fd);
  const ssize_t got = real(fd, to, cut ? part(RECV, size < 256 ? size : 256) : size, flags);
  if (cut && got > 0) {
    count(RECV, fault);
    tellAnew(fd);
  }
  return got;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  SIMPLE(RECVMSG, recvmsg, fd, fd, message, flags);
}

ssize_t send(int fd, const void *from, size_t size, int flags) {
  REAL(send);
  if (!FROM_ADDON()) return real(fd, from, size, flags);
  const struct Fault fault = decide(SEND);
  if (failed(SEND, fault, fd)) return -1;
  if (fault.how != 's' || size < 2) return real(fd, from, size, flags);
  count(SEND, fault);
  const ssize_t sent = real(fd, from, part(SEND, size), flags);
  tellAnew(fd);
  return sent;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  REAL(sendmsg);
  if (!FROM_ADDON()) return real(fd, message, flags);
  const struct Fault fault = decide(SENDMSG);
  if (failed(SENDMSG, fault, fd)) return -1;
  if (fault.how != 's' || message->msg_iovlen < 1) return real(fd, message, flags);
  count(SENDMSG, fault);
  struct iovec first = message->msg_iov[0];
  struct msghdr cut = *message;
  if (first.iov_len > 1) first.iov_len = part(SENDMSG, first.iov_len);
  cut.msg_iov = &first;
  cut.msg_iovlen = 1;
  const ssize_t sent = real(fd, &cut, flags);
  tellAnew(fd);
  return sent;
}

ssize_t sendto(int fd, const void *from, size_t size, int flags, const struct sockaddr *to,
               socklen_t length) {
  SIMPLE(SENDTO, sendto, fd, fd, from, size, flags, to, length);
}
