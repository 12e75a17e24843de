// core/sockopt against the real kernel: units, flags and the one linger that is passed on.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>

#include "check.h"
#include "loopback.h"
#include "sockopt.h"
#include "sys.h"

namespace ics {
namespace {

using test::Connection;

TEST("sockopt: flags and buffer sizes reach the kernel") {
  Connection connection;
  const int fd = connection.accepted;
  for (const SockOpt flag : {SockOpt::NoDelay, SockOpt::KeepAlive, SockOpt::ReuseAddr}) {
    CHECK(setSockOpt(fd, flag, 7) == 0 && getSockOpt(fd, flag) == 1);
    CHECK(setSockOpt(fd, flag, 0) == 0 && getSockOpt(fd, flag) == 0);
  }
  CHECK(setSockOpt(fd, SockOpt::SndBuf, 30000) == 0);
  CHECK(getSockOpt(fd, SockOpt::SndBuf) >= 30000);
  CHECK(setSockOpt(fd, SockOpt::RcvBuf, 30000) == 0);
  CHECK(getSockOpt(fd, SockOpt::RcvBuf) >= 30000);
}

TEST("sockopt: keep-alive times are milliseconds, rounded up to what the kernel can") {
  Connection connection;
  const int fd = connection.accepted;
  CHECK(setSockOpt(fd, SockOpt::KeepIdle, 5000) == 0);
  CHECK(getSockOpt(fd, SockOpt::KeepIdle) == 5000);
  CHECK(sys::getOption(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 5);
  CHECK(setSockOpt(fd, SockOpt::KeepInterval, 1) == 0);
  CHECK(getSockOpt(fd, SockOpt::KeepInterval) == 1000);
  CHECK(setSockOpt(fd, SockOpt::KeepInterval, 1001) == 0);
  CHECK(getSockOpt(fd, SockOpt::KeepInterval) == 2000);
  CHECK(setSockOpt(fd, SockOpt::KeepIdle, 0) == -EINVAL);
  CHECK(setSockOpt(fd, SockOpt::KeepIdle, 2147483647) == -EINVAL);
}

TEST("sockopt: an unknown option or descriptor is an error number") {
  CHECK(setSockOpt(-1, SockOpt::NoDelay, 1) == -EBADF);
  CHECK(getSockOpt(-1, SockOpt::NoDelay) == -EBADF);
  Connection connection;
  CHECK(setSockOpt(connection.accepted, static_cast<SockOpt>(99), 1) == -EINVAL);
  CHECK(getSockOpt(connection.accepted, static_cast<SockOpt>(-1)) == -EINVAL);
}

TEST("sockopt: only linger with 0 seconds is told to the kernel") {
  Connection connection;
  const auto kernelLinger = [&connection] {
    linger value{};
    socklen_t size = sizeof(value);
    CHECK(::getsockopt(connection.accepted, SOL_SOCKET, SO_LINGER, &value, &size) == 0);
    return value.l_onoff != 0;
  };
  CHECK(setLingerOption(connection.accepted, true, 0) == 0 && kernelLinger());
  CHECK(setLingerOption(connection.accepted, true, 30) == 0 && !kernelLinger());
  CHECK(setLingerOption(connection.accepted, true, 0) == 0 && kernelLinger());
  CHECK(setLingerOption(connection.accepted, false, 0) == 0 && !kernelLinger());
}

}  // namespace
}  // namespace ics
