// The socket options a TWSocket property stands for, by ICS name instead of level and number.
// Values are plain integers so that they cross the addon border as they are.
#pragma once

namespace ics {

enum class SockOpt : int {
  RcvBuf = 0,           // SocketRcvBufSize, bytes
  SndBuf = 1,           // SocketSndBufSize, bytes
  NoDelay = 2,          // wsoTcpNoDelay, 0/1
  KeepAlive = 3,        // KeepAliveOnOff, 0/1
  KeepIdle = 4,         // KeepAliveTime, milliseconds (rounded up to seconds for the kernel)
  KeepInterval = 5,     // KeepAliveInterval, milliseconds (likewise)
  ReuseAddr = 6,        // 0/1
  V6Only = 7,           // 0/1
  Broadcast = 8,        // UDP, 0/1
  MulticastTtl = 9,     // UDP over IPv4: MultiCastIpTTL
  MulticastHops = 10,   // the same over IPv6
  MulticastLoop = 11,   // UDP over IPv4, 0/1
  MulticastLoop6 = 12,  // the same over IPv6
  ReusePort = 13,       // 0/1; -ENOPROTOOPT where the system has no such thing
};

int setSockOpt(int fd, SockOpt option, int value);  // 0 or -errno; -EINVAL for an unknown option
int getSockOpt(int fd, SockOpt option);             // value or -errno

// LingerOnOff/LingerTimeout. {on, 0} makes Close a reset. A positive timeout is given to the
// kernel as "off": there it delivers just the same, but close() cannot block the loop.
int setLingerOption(int fd, bool on, int seconds);

}  // namespace ics
