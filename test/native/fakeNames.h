// Stands in for the system's resolver in tests (the linker wraps getaddrinfo and getnameinfo).
// Names that end in .test are answered here, everything else goes to the real one:
//   hold.test    waits until releaseHeld()
//   many.test    10.0.0.2, ::1, 10.0.0.2, 10.0.0.1 in this order
//   none.test, again.test, fail.test, memory.test: the failure of that name
//   mask.test    answers, if the calling thread blocks SIGINT, SIGTERM and SIGPROF
// and these addresses:
//   127.9.9.1    has the name one.test
//   127.9.9.2    has a name with a line feed
//   127.9.9.3    has none
#pragma once

namespace ics::test {

int heldNow();       // lookups waiting in hold.test
int nameCalls();     // calls of getaddrinfo so far
void releaseHeld();  // those waiting now and all later ones, until holdAgain()
void holdAgain();

}  // namespace ics::test
