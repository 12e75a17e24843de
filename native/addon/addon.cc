// Entry of the addon: one Instance per environment, its functions as the exports.
#include <napi.h>

#include "bindings.h"
#include "hotPath.h"
#include "instance.h"

namespace ics {
namespace {

// Raised whenever a function or the shared memory changes; lib/native.ts refuses another number.
constexpr int kAbi = 6;

Napi::Object init(Napi::Env env, Napi::Object exports) {
  Instance* instance = Instance::create(env);
  if (!instance) return exports;  // an exception is pending
  exports.Set("abi", Napi::Number::New(env, kAbi));
  exportHotPath(env, exports, instance);
  exportBindings(env, exports, instance);
  return exports;
}

}  // namespace
}  // namespace ics

static Napi::Object icsInit(Napi::Env env, Napi::Object exports) { return ics::init(env, exports); }

NODE_API_MODULE(ics_wsocket, icsInit)
