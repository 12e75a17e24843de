// Background threads of the core, for the few system calls that can only block. They are detached
// and may outlive the loop, the environment and the module that started them, so their code touches
// nothing that is ever destroyed.
#pragma once

namespace ics {

// Runs body(argument) in a detached thread of `name` (15 bytes at most) with a small stack and all
// signals blocked: handlers stay with the application's threads. `body` must not throw. 0 or
// -errno.
int startDetachedThread(void (*body)(void*), void* argument, const char* name);

// From now on the library this code is part of stays mapped until the process ends. Node unloads an
// addon together with the last environment that uses it; a thread would return into nowhere.
void keepLibraryLoaded();

}  // namespace ics
