#include "hotPath.h"

#include <cerrno>
#include <cstring>
#include <new>
#include <string>

#include "../core/sys.h"
#include "instance.h"

namespace ics {
namespace {

constexpr size_t kMaxArguments = 6;

enum TextFlag : int32_t { kTextLatin1 = 1, kTextAppend = 2, kTextQueue = 4 };

// The arguments of one call. Missing or wrong ones make ok() false instead of throwing.
class Call {
 public:
  Call(napi_env env, napi_callback_info info, size_t wanted) : env_(env), count_(wanted) {
    void* data = nullptr;
    ok_ = napi_get_cb_info(env, info, &count_, values_, nullptr, &data) == napi_ok &&
          count_ >= wanted;
    instance_ = static_cast<Instance*>(data);
  }

  bool ok() const { return ok_; }
  Loop& loop() const { return instance_->loop(); }
  napi_value value(size_t index) const { return values_[index]; }

  int32_t integer(size_t index) {
    int32_t value = 0;
    if (ok_ && napi_get_value_int32(env_, values_[index], &value) != napi_ok) ok_ = false;
    return value;
  }

  // A size: buffers may be larger than an int32.
  int64_t size(size_t index) {
    int64_t value = 0;
    if (ok_ && napi_get_value_int64(env_, values_[index], &value) != napi_ok) ok_ = false;
    return value;
  }

  // The part [offset, offset + count) of a Uint8Array, looked up now: its memory may move later.
  uint8_t* bytes(size_t index, int64_t offset, int64_t count) {
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    if (ok_ && napi_get_typedarray_info(env_, values_[index], &type, &length, &data, nullptr,
                                        nullptr) != napi_ok)
      ok_ = false;
    const int64_t there = static_cast<int64_t>(length);
    if (!ok_ || offset < 0 || count < 0 || offset > there || count > there - offset) {
      ok_ = false;
      return nullptr;
    }
    return static_cast<uint8_t*>(data) + offset;
  }

  napi_value number(int64_t value) const {
    napi_value result = nullptr;
    if (value >= INT32_MIN && value <= INT32_MAX) {
      napi_create_int32(env_, static_cast<int32_t>(value), &result);
    } else {
      napi_create_int64(env_, value, &result);
    }
    return result;
  }

 private:
  napi_env env_;
  size_t count_;
  napi_value values_[kMaxArguments];
  Instance* instance_ = nullptr;
  bool ok_ = false;
};

// poll(timeoutMs): events in the queue
napi_value poll(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t timeout = call.integer(0);
  return call.number(call.ok() ? call.loop().poll(timeout) : -EINVAL);
}

// accept(listener): handle
napi_value accept(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t handle = call.integer(0);
  return call.number(call.ok() ? call.loop().accept(handle) : -EINVAL);
}

// adopt(descriptor): handle
napi_value adopt(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t fd = call.integer(0);
  return call.number(call.ok() ? call.loop().adopt(fd) : -EINVAL);
}

// descriptorOf(handle): descriptor
napi_value descriptorOf(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t handle = call.integer(0);
  return call.number(call.ok() ? call.loop().descriptorOf(handle) : -EINVAL);
}

// addressOf(handle, peer): "<address> <port>", or a negative number. The peer's is the one accept()
// saw, so it is known even when the peer has already reset the connection.
napi_value addressOf(napi_env env, napi_callback_info info) {
  Call call(env, info, 2);
  const int32_t handle = call.integer(0);
  const bool peer = call.integer(1) != 0;
  Connection* connection = call.ok() ? call.loop().find(handle) : nullptr;
  if (!connection) return call.number(-EBADF);
  Address address = connection->peer;
  const int found = peer ? 0 : sys::localAddress(connection->fd, address);
  if (found < 0) return call.number(found);
  if (address.size() == 0) return call.number(-ENOTCONN);
  try {
    const std::string text = address.text() + ' ' + std::to_string(address.port());
    napi_value result = nullptr;
    if (napi_create_string_latin1(env, text.data(), text.size(), &result) == napi_ok) return result;
  } catch (const std::bad_alloc&) {
    // as below
  }
  return call.number(-ENOMEM);
}

// close(handle, how)
napi_value close(napi_env env, napi_callback_info info) {
  Call call(env, info, 2);
  const int32_t handle = call.integer(0);
  const auto how = static_cast<CloseHow>(call.integer(1));
  return call.number(call.ok() ? call.loop().close(handle, how) : -EINVAL);
}

// receive(handle, buffer, offset, size, flags): bytes
napi_value receive(napi_env env, napi_callback_info info) {
  Call call(env, info, 5);
  const int32_t handle = call.integer(0);
  const int64_t size = call.size(3);
  uint8_t* to = call.bytes(1, call.size(2), size);
  const int32_t flags = call.integer(4);
  if (!call.ok()) return call.number(-EINVAL);
  return call.number(call.loop().receive(handle, to, static_cast<size_t>(size), flags));
}

// receiveRaw(handle, buffer, offset, size): bytes as the kernel has them
napi_value receiveRaw(napi_env env, napi_callback_info info) {
  Call call(env, info, 4);
  const int32_t handle = call.integer(0);
  const int64_t size = call.size(3);
  uint8_t* to = call.bytes(1, call.size(2), size);
  if (!call.ok()) return call.number(-EINVAL);
  return call.number(call.loop().receiveRaw(handle, to, static_cast<size_t>(size)));
}

// pushInput(handle, buffer, offset, size, flags): bytes the application may read now
napi_value pushInput(napi_env env, napi_callback_info info) {
  Call call(env, info, 5);
  const int32_t handle = call.integer(0);
  const int64_t size = call.size(3);
  const uint8_t* from = call.bytes(1, call.size(2), size);
  const int32_t flags = call.integer(4);
  if (!call.ok()) return call.number(-EINVAL);
  return call.number(call.loop().pushInput(handle, from, static_cast<size_t>(size), flags));
}

// receiveFrom(handle, buffer, offset, size, flags, sender): bytes of one datagram; sender gets the
// binary address, see packAddress
napi_value receiveFrom(napi_env env, napi_callback_info info) {
  Call call(env, info, 6);
  const int32_t handle = call.integer(0);
  const int64_t size = call.size(3);
  uint8_t* to = call.bytes(1, call.size(2), size);
  const int32_t flags = call.integer(4);
  uint8_t* packed = call.bytes(5, 0, sizeof(sockaddr_in6));
  if (!call.ok()) return call.number(-EINVAL);
  Address sender;
  const ssize_t got = call.loop().receiveFrom(handle, to, static_cast<size_t>(size), flags, sender);
  if (sender.size() > 0) std::memcpy(packed, &sender.v6, sizeof(sender.v6));
  return call.number(got);
}

// sendTo(handle, buffer, offset, size, target)
napi_value sendTo(napi_env env, napi_callback_info info) {
  Call call(env, info, 5);
  const int32_t handle = call.integer(0);
  const int64_t size = call.size(3);
  const uint8_t* from = call.bytes(1, call.size(2), size);
  const uint8_t* packed = call.bytes(4, 0, sizeof(sockaddr_in6));
  if (!call.ok()) return call.number(-EINVAL);
  Address target;
  std::memcpy(&target.v6, packed, sizeof(target.v6));
  if (target.size() == 0) return call.number(-EDESTADDRREQ);
  return call.number(call.loop().sendTo(handle, from, static_cast<size_t>(size), target));
}

// receiveText(handle, flags): string, or a number <= 0
napi_value receiveText(napi_env env, napi_callback_info info) {
  Call call(env, info, 2);
  const int32_t handle = call.integer(0);
  const int32_t flags = call.integer(1);
  if (!call.ok()) return call.number(-EINVAL);
  TextView text;
  const int got = call.loop().takeText(handle, flags, text);
  if (got <= 0) return call.number(got);
  const char* data = reinterpret_cast<const char*>(text.data);
  napi_value result = nullptr;
  const napi_status made = text.ascii || (flags & kBytes)
                               ? napi_create_string_latin1(env, data, text.size, &result)
                               : napi_create_string_utf8(env, data, text.size, &result);
  if (made != napi_ok) return call.number(-ENOMEM);
  call.loop().dropText(handle, text);
  return result;
}

// nextLine(handle, limit, flags): length of the current line, 0, or -EMSGSIZE
napi_value nextLine(napi_env env, napi_callback_info info) {
  Call call(env, info, 3);
  const int32_t handle = call.integer(0);
  const int32_t limit = call.integer(1);
  const int32_t flags = call.integer(2);
  if (!call.ok() || limit < 0) return call.number(-EINVAL);
  return call.number(call.loop().nextLine(handle, static_cast<size_t>(limit), flags));
}

// takeLines(handle, limit): a string of complete ASCII lines, or as nextLine without flags
napi_value takeLines(napi_env env, napi_callback_info info) {
  Call call(env, info, 2);
  const int32_t handle = call.integer(0);
  const int32_t limit = call.integer(1);
  if (!call.ok() || limit < 0) return call.number(-EINVAL);
  TextView text;
  const int taken = call.loop().takeLines(handle, static_cast<size_t>(limit), text);
  napi_value result = nullptr;
  const char* data = reinterpret_cast<const char*>(text.data);
  if (text.size > 0 && napi_create_string_latin1(env, data, text.size, &result) == napi_ok)
    return result;
  return call.number(text.size > 0 ? -ENOMEM : taken);
}

// takenLines(handle, count, current)
napi_value takenLines(napi_env env, napi_callback_info info) {
  Call call(env, info, 3);
  const int32_t handle = call.integer(0);
  const int32_t count = call.integer(1);
  const int32_t current = call.integer(2);
  if (call.ok() && count >= 0 && current >= 0)
    call.loop().takenLines(handle, static_cast<size_t>(count), static_cast<size_t>(current));
  return nullptr;
}

// more(handle): 1 when input waits that a handler could read
napi_value more(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t handle = call.integer(0);
  return call.number(call.ok() ? call.loop().more(handle) : 0);
}

// buffered(handle): 1 when input waits that the poller will not report
napi_value buffered(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t handle = call.integer(0);
  return call.number(call.ok() ? call.loop().buffered(handle) : 0);
}

// ignored(handle): the handler of a read event took nothing
napi_value ignored(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t handle = call.integer(0);
  return call.number(call.ok() ? call.loop().ignored(handle) : -EINVAL);
}

// send(handle, buffer, offset, size, collect)
napi_value send(napi_env env, napi_callback_info info) {
  Call call(env, info, 5);
  const int32_t handle = call.integer(0);
  const int64_t size = call.size(3);
  const uint8_t* from = call.bytes(1, call.size(2), size);
  const int32_t collect = call.integer(4);
  if (!call.ok()) return call.number(-EINVAL);
  return call.number(call.loop().send(handle, from, static_cast<size_t>(size), collect));
}

napi_status readText(napi_env env, napi_value text, bool latin1, char* to, size_t room,
                     size_t* length) {
  return latin1 ? napi_get_value_string_latin1(env, text, to, room, length)
                : napi_get_value_string_utf8(env, text, to, room, length);
}

int tooLong(Loop& loop, int32_t handle) {
  const Connection* connection = loop.find(handle);
  if (!connection) return -EBADF;
  return connection->kind == SocketKind::Datagram ? -EMSGSIZE : -ENOMEM;
}

// Bytes the text has, or -errno.
int textToQueue(napi_env env, napi_value text, Loop& loop) {
  const auto [handle, flags] = loop.arguments();
  const bool latin1 = flags & kTextLatin1;
  int collect = flags & kTextAppend ? Loop::kCollect : 0;
  if (flags & kTextQueue) collect = Loop::kQueueOnly;

  // A cut text leaves at most the longest UTF-8 sequence and the terminator unused.
  constexpr size_t kCut = 5;
  size_t length = 0;
  if (const OutputRoom room = collect ? loop.spare(handle) : OutputRoom()) {
    char* to = reinterpret_cast<char*>(room.at);
    const bool read = readText(env, text, latin1, to, room.size, &length) == napi_ok;
    if (read && length + kCut < room.size) {
      const int result = loop.commit(room, length, collect);
      return result < 0 ? result : static_cast<int>(length);
    }
    loop.leave(room);
  }
  char* scratch = reinterpret_cast<char*>(loop.scratch());
  if (readText(env, text, latin1, scratch, Loop::kScratch, &length) != napi_ok) return -EINVAL;
  if (length + kCut < Loop::kScratch) {
    const int result = loop.send(handle, loop.scratch(), length, collect);
    return result < 0 ? result : static_cast<int>(length);
  }
  readText(env, text, latin1, nullptr, 0, &length);
  const OutputRoom room = loop.reserve(handle, length + 1);
  if (!room) return tooLong(loop, handle);
  readText(env, text, latin1, reinterpret_cast<char*>(room.at), room.size, &length);
  const int result = loop.commit(room, length, collect);
  return result < 0 ? result : static_cast<int>(length);
}

// sendText(text), for the handle and with the flags of CallArguments. Bytes the text has: in
// CallInfo, because a number that is returned has to be made first.
napi_value sendText(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  if (call.ok()) call.loop().tellCount(textToQueue(env, call.value(0), call.loop()));
  return nullptr;
}

// flush(handle)
napi_value flush(napi_env env, napi_callback_info info) {
  Call call(env, info, 1);
  const int32_t handle = call.integer(0);
  return call.number(call.ok() ? call.loop().flush(handle) : -EINVAL);
}

// available(handle, flags): bytes
napi_value available(napi_env env, napi_callback_info info) {
  Call call(env, info, 2);
  const int32_t handle = call.integer(0);
  const int32_t flags = call.integer(1);
  return call.number(call.ok() ? call.loop().available(handle, flags) : -EINVAL);
}

}  // namespace

bool exportHotPath(napi_env env, napi_value exports, Instance* instance) {
  struct Entry {
    const char* name;
    napi_callback function;
  };
  constexpr Entry kEntries[] = {
      {"poll", poll},
      {"accept", accept},
      {"adopt", adopt},
      {"close", close},
      {"descriptorOf", descriptorOf},
      {"addressOf", addressOf},
      {"receive", receive},
      {"receiveRaw", receiveRaw},
      {"pushInput", pushInput},
      {"receiveFrom", receiveFrom},
      {"sendTo", sendTo},
      {"receiveText", receiveText},
      {"nextLine", nextLine},
      {"takeLines", takeLines},
      {"takenLines", takenLines},
      {"more", more},
      {"buffered", buffered},
      {"ignored", ignored},
      {"send", send},
      {"sendText", sendText},
      {"flush", flush},
      {"available", available},
  };
  for (const Entry& entry : kEntries) {
    napi_value function;
    if (napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function, instance,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, entry.name, function) != napi_ok)
      return false;
  }
  return true;
}

}  // namespace ics
