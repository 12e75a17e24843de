// The whole test framework of the native core: TEST() registers a case under a sentence, CHECK()
// notes what does not hold and lets the case go on. main.cc runs the cases in link order.
#pragma once

namespace ics::test {

using Body = void (*)();

struct Registration {
  Registration(const char* title, Body body);
};

// Returns `holds`, so that a case can stop where going on makes no sense.
bool check(bool holds, const char* expression, const char* file, int line);

}  // namespace ics::test

#define CHECK(expression) \
  ::ics::test::check(static_cast<bool>(expression), #expression, __FILE__, __LINE__)

#define ICS_TEST_JOIN_(a, b) a##b
#define ICS_TEST_JOIN(a, b) ICS_TEST_JOIN_(a, b)
#define ICS_TEST_BODY ICS_TEST_JOIN(testBody, __LINE__)

#define TEST(title)                                                                            \
  static void ICS_TEST_BODY();                                                                 \
  static const ::ics::test::Registration ICS_TEST_JOIN(registration, __LINE__){title,          \
                                                                               ICS_TEST_BODY}; \
  static void ICS_TEST_BODY()
