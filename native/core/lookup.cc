// Loop: names looked up by the threads of the process. Their answers are events of this loop, so
// that they are seen by whoever pumps.
#include <cerrno>
#include <new>

#include "loop.h"
#include "resolver.h"

namespace ics {

int Loop::lookup(std::string_view name, int family) {
  try {
    LookupRequest request;
    request.name = name;
    request.family = family;
    return startLookup(std::move(request));
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

int Loop::reverseLookup(const Address& address) {
  if (address.size() == 0) return -EINVAL;
  LookupRequest request;
  request.address = address;
  return startLookup(std::move(request));
}

int Loop::startLookup(LookupRequest request) {
  if (!resolver_) {
    std::unique_ptr<ResolverClient> fresh(new (std::nothrow) ResolverClient(LookupPool::shared()));
    if (!fresh) return -ENOMEM;
    int failed = fresh->open();
    if (failed == 0) table_.dispossess(fresh->descriptor());
    if (failed == 0) failed = poller_->add(fresh->descriptor(), kWantRead, kLookupHandle);
    if (failed < 0) return failed;
    resolver_ = std::move(fresh);
  }
  return resolver_->start(std::move(request));
}

int Loop::cancelLookup(int id) { return resolver_ ? resolver_->cancel(id) : -ENOENT; }

int Loop::takeLookup(int id, LookupResult& result) {
  return resolver_ ? resolver_->take(id, result) : -ENOENT;
}

// What finds no room stays with the resolver, whose descriptor then stays readable.
void Loop::collectLookups() {
  lookupsArrived_ = false;
  while (!queue_.full()) {
    const int id = resolver_->arrived();
    if (id == 0) return;
    queue_.push(kLookupHandle, kFdLookup, id);
  }
}

}  // namespace ics
