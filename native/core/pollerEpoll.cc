// The Linux poller: one epoll set per loop, the handle (with its generation) in the event data,
// so that a late event of a descriptor that was closed and reused finds nobody.
#include <sys/epoll.h>

#include <new>

#include "poller.h"
#include "sys.h"

namespace ics {
namespace {

uint32_t toEpoll(uint8_t interest) {
  uint32_t events = 0;
  if (interest & kWantRead) events |= EPOLLIN | EPOLLRDHUP;
  if (interest & kWantWrite) events |= EPOLLOUT;
  if (interest & kWantUrgent) events |= EPOLLPRI;
  if (interest & kWantEdge) events |= EPOLLET;
  return events;
}

uint8_t fromEpoll(uint32_t events) {
  uint8_t flags = 0;
  if (events & EPOLLIN) flags |= kReadable;
  if (events & EPOLLOUT) flags |= kWritable;
  if (events & EPOLLRDHUP) flags |= kPeerShut;
  if (events & EPOLLHUP) flags |= kHangUp;
  if (events & EPOLLPRI) flags |= kUrgent;
  if (events & EPOLLERR) flags |= kFailed;
  return flags;
}

class EpollPoller final : public Poller {
 public:
  ~EpollPoller() override {
    if (set_ >= 0) sys::closeFd(set_);
  }

  int open() override {
    set_ = sys::epollCreate();
    return set_ < 0 ? set_ : 0;
  }

  int add(int fd, uint8_t interest, int32_t handle) override {
    return control(EPOLL_CTL_ADD, fd, interest, handle);
  }

  int change(int fd, uint8_t interest, int32_t handle) override {
    return control(EPOLL_CTL_MOD, fd, interest, handle);
  }

  int remove(int fd) override { return sys::epollControl(set_, EPOLL_CTL_DEL, fd, 0, 0); }

  int wait(Ready* ready, int timeoutMs) override {
    const int count = sys::epollWait(set_, events_, kMaxReady, timeoutMs);
    for (int i = 0; i < count; ++i) {
      ready[i].handle = static_cast<int32_t>(events_[i].data.u64);
      ready[i].flags = fromEpoll(events_[i].events);
    }
    return count;
  }

  int descriptor() const override { return set_; }

 private:
  int control(int operation, int fd, uint8_t interest, int32_t handle) {
    return sys::epollControl(set_, operation, fd, toEpoll(interest),
                             static_cast<uint64_t>(static_cast<uint32_t>(handle)));
  }

  int set_ = -1;
  epoll_event events_[kMaxReady];
};

}  // namespace

std::unique_ptr<Poller> makePoller() {
  return std::unique_ptr<Poller>(new (std::nothrow) EpollPoller());
}

}  // namespace ics
