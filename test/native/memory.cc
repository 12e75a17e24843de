// The other end of the linker's --wrap=malloc.
#include "memory.h"

#include <atomic>
#include <cstddef>

extern "C" void* __real_malloc(size_t size);
extern "C" void* __wrap_malloc(size_t size);

namespace ics::test {

namespace {

// Background threads of other cases allocate as well.
std::atomic<bool> failing{false};
std::atomic<long> succeeded{0};

}  // namespace

OutOfMemory::OutOfMemory() { failing = true; }

OutOfMemory::~OutOfMemory() { failing = false; }

long allocationCount() { return succeeded; }

static void* allocate(size_t size) {
  if (failing) return nullptr;
  ++succeeded;
  return __real_malloc(size);
}

}  // namespace ics::test

void* __wrap_malloc(size_t size) { return ics::test::allocate(size); }
