#include "bindings.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "../core/resolver.h"
#include "../core/sockopt.h"
#include "../core/sys.h"
#include "../core/transfer.h"
#include "instance.h"

namespace ics {
namespace {

constexpr int kHostNotFound = 11001;  // WSAHOST_NOT_FOUND

using Info = const Napi::CallbackInfo&;

Instance& instanceOf(Info info) { return *static_cast<Instance*>(info.Data()); }
Loop& loopOf(Info info) { return instanceOf(info).loop(); }
int32_t integer(Info info, size_t index) { return info[index].ToNumber().Int32Value(); }
std::string text(Info info, size_t index) { return info[index].ToString().Utf8Value(); }
// C would see only the beginning of such a text.
bool hasNul(const std::string& value) { return value.find('\0') != std::string::npos; }
Napi::Value number(Info info, double value) { return Napi::Number::New(info.Env(), value); }

// start(dispatch): { events, stops, totals }
Napi::Value start(Info info) { return Napi::Value(info.Env(), instanceOf(info).start(info[0])); }

Napi::Value setReferenced(Info info) {
  instanceOf(info).setReferenced(info[0].ToBoolean());
  return info.Env().Undefined();
}

Napi::Value setTimer(Info info) {
  instanceOf(info).setTimer(info[0].ToNumber().DoubleValue());
  return info.Env().Undefined();
}

Napi::Value setSpin(Info info) {
  instanceOf(info).setSpin(info[0].ToNumber().Uint32Value());
  return info.Env().Undefined();
}

Napi::Value driveNodeLoop(Info info) {
  return number(info, instanceOf(info).driveNodeLoop(integer(info, 0)));
}

// reportUncaught(error): as if nobody had caught it
Napi::Value reportUncaught(Info info) {
  napi_fatal_exception(info.Env(), info[0]);
  return info.Env().Undefined();
}

// bind(address, port, sharePort): handle; address must be literal
Napi::Value bind(Info info) {
  Address address;
  const int port = integer(info, 1);
  if (!address.parse(text(info, 0).c_str(), static_cast<uint16_t>(port)))
    return number(info, -EINVAL);
  return number(info, loopOf(info).bind(address, info[2].ToBoolean()));
}

Napi::Value listen(Info info) {
  return number(info, loopOf(info).listen(integer(info, 0), integer(info, 1)));
}

// openSocket(version 4|6, datagram): handle
Napi::Value openSocket(Info info) {
  const int family = integer(info, 0) == 6 ? AF_INET6 : AF_INET;
  return number(info, loopOf(info).openSocket(family, info[1].ToBoolean()));
}

// The literal address and port at two arguments; false when it is no literal.
bool addressAt(Info info, size_t index, Address& address) {
  const std::string literal = text(info, index);
  const int port = integer(info, index + 1);
  return !hasNul(literal) && address.parse(literal.c_str(), static_cast<uint16_t>(port));
}

// bindLocal(handle, address, port), connect(…), startDatagrams(…)
template <int (Loop::*Method)(int32_t, const Address&)>
Napi::Value withAddress(Info info) {
  Address address;
  if (!addressAt(info, 1, address)) return number(info, -EINVAL);
  return number(info, (loopOf(info).*Method)(integer(info, 0), address));
}

Napi::Value setAllowance(Info info) {
  loopOf(info).setAllowance(integer(info, 0), integer(info, 1));
  return info.Env().Undefined();
}

// setFilter(handle, on): bytes that were thrown away
Napi::Value setFilter(Info info) {
  return number(info, loopOf(info).setFilter(integer(info, 0), info[1].ToBoolean()));
}

uint8_t* packedAt(Info info, size_t index) {
  if (!info[index].IsTypedArray()) return nullptr;
  auto bytes = info[index].As<Napi::Uint8Array>();
  return bytes.ByteLength() >= sizeof(sockaddr_in6) ? bytes.Data() : nullptr;
}

// packAddress(address, port, bytes): the binary form for sendTo
Napi::Value packAddress(Info info) {
  Address address;
  uint8_t* packed = packedAt(info, 2);
  if (!packed || !addressAt(info, 0, address)) return number(info, -EINVAL);
  std::memcpy(packed, &address.v6, sizeof(address.v6));
  return number(info, 0);
}

// unpackAddress(bytes): "<address> <port>", '' when there is none
Napi::Value unpackAddress(Info info) {
  Address address;
  const uint8_t* packed = packedAt(info, 0);
  if (packed) std::memcpy(&address.v6, packed, sizeof(address.v6));
  if (address.size() == 0) return Napi::String::New(info.Env(), "");
  return Napi::String::New(info.Env(), address.text() + ' ' + std::to_string(address.port()));
}

// multicastGroup(handle, join, group, interface); '' leaves the choice to the system
Napi::Value multicastGroup(Info info) {
  Address group;
  Address interface;
  const int fd = loopOf(info).descriptorOf(integer(info, 0));
  if (!group.parse(text(info, 2).c_str(), 0)) return number(info, -EINVAL);
  interface.parse(text(info, 3).c_str(), 0);
  return number(info, sys::multicastGroup(fd, info[1].ToBoolean(), group, interface));
}

// multicastInterface(handle, address)
Napi::Value multicastInterface(Info info) {
  Address interface;
  if (!interface.parse(text(info, 1).c_str(), 0)) return number(info, -EINVAL);
  const int fd = loopOf(info).descriptorOf(integer(info, 0));
  return number(info, sys::multicastInterface(fd, interface));
}

Napi::Value shutdown(Info info) {
  return number(info, loopOf(info).shutdown(integer(info, 0), integer(info, 1)));
}

Napi::Value pause(Info info) {
  return number(info, loopOf(info).pause(integer(info, 0), info[1].ToBoolean()));
}

Napi::Value suspend(Info info) {
  return number(info, loopOf(info).suspend(integer(info, 0), info[1].ToBoolean()));
}

// park(handle, lifeMs): token
Napi::Value park(Info info) {
  return number(info, loopOf(info).park(integer(info, 0), info[1].ToNumber().Uint32Value()));
}

// unpark(token): handle
Napi::Value unpark(Info info) { return number(info, loopOf(info).unpark(integer(info, 0))); }

// dropParked(token): 0, or -ENOENT when somebody has taken it
Napi::Value dropParked(Info info) {
  const Parked parked = ParkingLot::shared().take(integer(info, 0));
  if (!parked.connection) return number(info, -ENOENT);
  closeParked(*parked.connection);
  return number(info, 0);
}

// expireParked(): milliseconds until the next one is due, -1: none
Napi::Value expireParked(Info info) {
  return number(info, static_cast<double>(ParkingLot::shared().expire()));
}

Napi::Value finishInput(Info info) {
  return number(info, loopOf(info).finishInput(integer(info, 0), integer(info, 1)));
}

Napi::Value failure(Info info) { return number(info, loopOf(info).failure(integer(info, 0))); }

Napi::Value leaveLine(Info info) { return number(info, loopOf(info).leaveLine(integer(info, 0))); }

Napi::Value clearInput(Info info) {
  return number(info, loopOf(info).clearInput(integer(info, 0)));
}

// setLineEnd(handle, bytes)
Napi::Value setLineEnd(Info info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const std::string_view lineEnd(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  return number(info, loopOf(info).setLineEnd(integer(info, 0), lineEnd));
}

// takeEcho(): what LineEcho has to send since the last nextLine() or pushInput(), one character per
// byte; once
Napi::Value takeEcho(Info info) {
  std::string& echo = loopOf(info).takeEcho();
  napi_value result = nullptr;
  napi_create_string_latin1(info.Env(), echo.data(), echo.size(), &result);
  echo.clear();
  return Napi::Value(info.Env(), result);
}

Napi::Value dropOutput(Info info) {
  return number(info, loopOf(info).dropOutput(integer(info, 0)));
}

Napi::Value totals(Info info) { return number(info, loopOf(info).totals(integer(info, 0))); }

// familyOf(handle): 4, 6, 0 for another family, or -errno
Napi::Value familyOf(Info info) {
  Address address;
  const int found = sys::localAddress(loopOf(info).descriptorOf(integer(info, 0)), address);
  if (found < 0) return number(info, found);
  const int family = address.family();
  return number(info, family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0);
}

Napi::Value setOption(Info info) {
  const int fd = loopOf(info).descriptorOf(integer(info, 0));
  if (fd < 0) return number(info, -EBADF);
  return number(info, setSockOpt(fd, static_cast<SockOpt>(integer(info, 1)), integer(info, 2)));
}

Napi::Value getOption(Info info) {
  const int fd = loopOf(info).descriptorOf(integer(info, 0));
  if (fd < 0) return number(info, -EBADF);
  return number(info, getSockOpt(fd, static_cast<SockOpt>(integer(info, 1))));
}

// setLinger(handle, on, seconds)
Napi::Value setLinger(Info info) {
  const int fd = loopOf(info).descriptorOf(integer(info, 0));
  if (fd < 0) return number(info, -EBADF);
  return number(info, setLingerOption(fd, info[1].ToBoolean(), integer(info, 2)));
}

// ipVersion(text): 4, 6, or 0 when it is no literal address
Napi::Value ipVersion(Info info) {
  Address address;
  const std::string literal = text(info, 0);
  if (hasNul(literal) || !address.parse(literal.c_str(), 0)) return number(info, 0);
  return number(info, address.family() == AF_INET ? 4 : 6);
}

int familyOfVersion(int version) {
  return version == 4 ? AF_INET : version == 6 ? AF_INET6 : AF_UNSPEC;
}

// resolveHost(name, version 0|4|6): text, or a Windows resolver number. Blocking.
Napi::Value resolveHost(Info info) {
  const int family = familyOfVersion(integer(info, 1));
  const std::string name = text(info, 0);
  Address address;
  const int failed = hasNul(name) ? kHostNotFound : sys::resolveHost(name.c_str(), family, address);
  if (failed) return number(info, failed);
  return Napi::String::New(info.Env(), address.text());
}

// lookup(name, version 0|4|6): id
Napi::Value lookup(Info info) {
  return number(info, loopOf(info).lookup(text(info, 0), familyOfVersion(integer(info, 1))));
}

// reverseLookup(address): id; the address must be literal
Napi::Value reverseLookup(Info info) {
  Address address;
  const std::string literal = text(info, 0);
  if (hasNul(literal) || !address.parse(literal.c_str(), 0)) return number(info, -EINVAL);
  return number(info, loopOf(info).reverseLookup(address));
}

Napi::Value cancelLookup(Info info) {
  return number(info, loopOf(info).cancelLookup(integer(info, 0)));
}

// takeLookup(id): text (addresses or names, one per line), or a Windows resolver number, or -errno
Napi::Value takeLookup(Info info) {
  LookupResult result;
  const int failed = loopOf(info).takeLookup(integer(info, 0), result);
  if (failed < 0 || result.error != 0) return number(info, failed < 0 ? failed : result.error);
  return Napi::String::New(info.Env(), result.text);
}

// setLookupThreads(min, max), for the whole process
Napi::Value setLookupThreads(Info info) {
  LookupPool::shared().setLimits(integer(info, 0), integer(info, 1));
  return info.Env().Undefined();
}

Napi::Value servicePort(Info info) {
  const std::string name = text(info, 0);
  const std::string protocol = text(info, 1);
  if (hasNul(name) || hasNul(protocol)) return number(info, -ENOENT);
  return number(info, sys::servicePort(name.c_str(), protocol.c_str()));
}

Napi::Value counters(Info info) {
  const Counters& now = loopOf(info).counters();
  Napi::Object result = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, uint64_t value) {
    result.Set(name, Napi::Number::New(info.Env(), static_cast<double>(value)));
  };
  set("polls", now.polls);
  set("events", now.events);
  set("accepted", now.accepted);
  set("acceptFailures", now.acceptFailures);
  set("bytesIn", now.bytesIn);
  set("bytesOut", now.bytesOut);
  set("closed", now.closed);
  return result;
}

}  // namespace

void exportBindings(Napi::Env env, Napi::Object exports, Instance* instance) {
  using Callback = Napi::Value (*)(Info);
  const std::pair<const char*, Callback> entries[] = {
      {"start", start},
      {"setReferenced", setReferenced},
      {"setTimer", setTimer},
      {"setSpin", setSpin},
      {"driveNodeLoop", driveNodeLoop},
      {"reportUncaught", reportUncaught},
      {"bind", bind},
      {"listen", listen},
      {"openSocket", openSocket},
      {"bindLocal", withAddress<&Loop::bindLocal>},
      {"connect", withAddress<&Loop::connect>},
      {"startDatagrams", withAddress<&Loop::startDatagrams>},
      {"setAllowance", setAllowance},
      {"setFilter", setFilter},
      {"packAddress", packAddress},
      {"unpackAddress", unpackAddress},
      {"multicastGroup", multicastGroup},
      {"multicastInterface", multicastInterface},
      {"shutdown", shutdown},
      {"pause", pause},
      {"suspend", suspend},
      {"park", park},
      {"unpark", unpark},
      {"dropParked", dropParked},
      {"expireParked", expireParked},
      {"finishInput", finishInput},
      {"failure", failure},
      {"leaveLine", leaveLine},
      {"clearInput", clearInput},
      {"setLineEnd", setLineEnd},
      {"takeEcho", takeEcho},
      {"dropOutput", dropOutput},
      {"totals", totals},
      {"familyOf", familyOf},
      {"setOption", setOption},
      {"getOption", getOption},
      {"setLinger", setLinger},
      {"ipVersion", ipVersion},
      {"resolveHost", resolveHost},
      {"lookup", lookup},
      {"reverseLookup", reverseLookup},
      {"cancelLookup", cancelLookup},
      {"takeLookup", takeLookup},
      {"setLookupThreads", setLookupThreads},
      {"servicePort", servicePort},
      {"counters", counters},
  };
  for (const auto& [name, callback] : entries)
    exports.Set(name, Napi::Function::New(env, callback, name, instance));
}

}  // namespace ics
