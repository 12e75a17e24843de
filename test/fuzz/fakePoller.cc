// The poller of the fake kernel, with the rules of epoll: an edge-triggered descriptor is reported
// when something happens to it and when it is added or changed, not as long as it is ready.
#include <cerrno>
#include <memory>

#include "fakeKernel.h"
#include "input.h"
#include "poller.h"

namespace ics {
namespace {

using fuzz::Call;
using fuzz::File;
using fuzz::Kernel;

class FakePoller final : public Poller {
 public:
  int open() override { return 0; }

  int add(int fd, uint8_t interest, int32_t handle) override {
    if (const int failed = Kernel::get().failure(Call::PollerAdd)) return failed;
    File* file = Kernel::get().find(fd);
    if (!file) return -EBADF;
    if (file->poller == this) return -EEXIST;
    MUST(file->poller == nullptr);
    file->poller = this;
    set(*file, interest, handle);
    return 0;
  }

  int change(int fd, uint8_t interest, int32_t handle) override {
    File* file = Kernel::get().find(fd);
    if (!file) return -EBADF;
    if (file->poller != this) return -ENOENT;
    set(*file, interest, handle);
    return 0;
  }

  int remove(int fd) override {
    File* file = Kernel::get().find(fd);
    if (!file) return -EBADF;
    if (file->poller != this) return -ENOENT;
    file->poller = nullptr;
    file->ready = false;
    return 0;
  }

  int wait(Ready* ready, int) override { return Kernel::get().wait(this, ready, kMaxReady); }

  int descriptor() const override { return -1; }

 private:
  static void set(File& file, uint8_t interest, int32_t handle) {
    file.interest = interest;
    file.handle = handle;
    file.ready = true;  // wait() looks whether it is
    if (!(file.readiness() & kWritable)) file.noSpace = true;
  }
};

}  // namespace

std::unique_ptr<Poller> makePoller() { return std::make_unique<FakePoller>(); }

}  // namespace ics
