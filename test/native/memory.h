// Lets malloc() fail for the code under test. The linker redirects the calls of all objects of
// this executable (--wrap=malloc); the C++ library and the sanitizers keep the real one.
#pragma once

namespace ics::test {

// While one of these lives, every allocation fails.
class OutOfMemory {
 public:
  OutOfMemory();
  ~OutOfMemory();
  OutOfMemory(const OutOfMemory&) = delete;
  OutOfMemory& operator=(const OutOfMemory&) = delete;
};

// Allocations that have succeeded since the program started.
long allocationCount();

}  // namespace ics::test
