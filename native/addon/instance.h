// Everything the addon keeps for one environment (main thread or worker): the core loop, the
// memory it shares with JavaScript, and the bridge to Node's loop. There are no globals, so any
// number of environments live in one process.
//
// Ends in an asynchronous cleanup hook: a uv handle that is still open when a worker ends would
// abort the whole process, and closing one takes a turn of the loop.
#pragma once

#include <node_api.h>

#include <memory>

#include "../core/loop.h"

struct uv_handle_s;

namespace ics {

class Instance {
 public:
  // nullptr with a pending JavaScript exception when something cannot be had.
  static Instance* create(napi_env env);

  // Gives JavaScript the shared arrays and remembers the function to call once per turn.
  napi_value start(napi_value dispatch);

  Loop& loop() { return *loop_; }
  napi_env env() const { return env_; }

  void setReferenced(bool referenced);
  void setTimer(double milliseconds);  // < 0: none
  void setSpin(uint32_t microseconds) { spinMicroseconds_ = microseconds; }
  // One turn of Node's own loop, then sleep until it or we have something to do; only for
  // MessageLoop at top level, before Node's loop runs (native-design: nesting uv_run crashes).
  int driveNodeLoop(int timeoutMs);

 private:
  explicit Instance(napi_env env) : env_(env) {}
  ~Instance();

  bool shareMemory();
  bool attachToNodeLoop();
  void dispatch();
  void onReadable();
  void beginEnd(napi_async_cleanup_hook_handle hook);
  void handleClosed();

  static void readableCallback(uv_handle_s* handle, int status, int events);
  static void timerCallback(uv_handle_s* handle);
  static void closedCallback(uv_handle_s* handle);
  static void cleanupHook(napi_async_cleanup_hook_handle hook, void* data);

  napi_env env_;
  std::unique_ptr<Loop> loop_;
  napi_ref words_ = nullptr;
  napi_ref stops_ = nullptr;
  napi_ref totals_ = nullptr;
  napi_ref dispatch_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  uv_handle_s* poll_ = nullptr;
  uv_handle_s* timer_ = nullptr;
  int openHandles_ = 0;
  uint32_t spinMicroseconds_ = 0;
  bool referenced_ = false;
  bool driving_ = false;
};

}  // namespace ics
