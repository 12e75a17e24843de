// The life of connections: two loops, listeners, streams and UDP sockets whose application and
// peers do what the bytes say. See application.h for what is compared.
#include "application.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ics::fuzz::Input input(data, size);
  ics::fuzz::Application application(input);
  while (!input.empty()) application.step();
  application.settle();
  return 0;
}
