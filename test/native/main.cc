// Runs every registered case. `native_tests part` runs only those whose title contains `part`.
#include <cstdio>
#include <cstring>
#include <vector>

#include "check.h"

namespace ics::test {

namespace {

struct Case {
  const char* title;
  Body body;
};

// A function's static, because registrations run before main() in an order nobody promises.
std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

const char* currentTitle = "";
bool currentFailed = false;

}  // namespace

Registration::Registration(const char* title, Body body) { cases().push_back({title, body}); }

bool check(bool holds, const char* expression, const char* file, int line) {
  if (holds) return true;
  if (!currentFailed) std::printf("FAILED: %s\n", currentTitle);
  std::printf("  %s:%d: %s\n", file, line, expression);
  currentFailed = true;
  return false;
}

static int runAll(const char* part) {
  int passed = 0;
  int failed = 0;
  for (const Case& test : cases()) {
    if (std::strstr(test.title, part) == nullptr) continue;
    currentTitle = test.title;
    currentFailed = false;
    test.body();
    ++(currentFailed ? failed : passed);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace ics::test

int main(int count, char** arguments) { return ics::test::runAll(count > 1 ? arguments[1] : ""); }
