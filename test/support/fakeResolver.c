/* Preloaded into test programs: answers the names that end in .test itself, so that no test needs a
 * name server. hold.test never returns, slow.test takes 300 ms. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int (*lookup_function)(const char *, const char *, const struct addrinfo *,
                               struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **answer) {
  lookup_function real = (lookup_function)dlsym(RTLD_NEXT, "getaddrinfo");
  size_t length = name ? strlen(name) : 0;
  if (length < 5 || strcmp(name + length - 5, ".test") != 0)
    return real(name, service, hints, answer);
  if (strcmp(name, "again.test") == 0) return EAI_AGAIN;
  if (strcmp(name, "none.test") == 0) return EAI_NONAME;
  while (strcmp(name, "hold.test") == 0) pause();
  if (strcmp(name, "slow.test") == 0) usleep(300000);
  return real("10.1.2.3", service, hints, answer);
}
