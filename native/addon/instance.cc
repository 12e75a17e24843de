#include "instance.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "../core/sys.h"
#include "nodeLoop.h"

namespace ics {
namespace {

// Spinning is bounded twice: by the property since the last event, and by this for one turn.
constexpr uint64_t kSpinTurnLimit = 10000;  // microseconds

uv_loop_s* nodeLoopOf(napi_env env) {
  uv_loop_s* loop = nullptr;
  return napi_get_uv_event_loop(env, &loop) == napi_ok ? loop : nullptr;
}

}  // namespace

Instance* Instance::create(napi_env env) {
  Instance* instance = new (std::nothrow) Instance(env);
  if (!instance || !instance->shareMemory()) {
    delete instance;
    napi_throw_error(env, "ENOMEM", "ics-wsocket: no memory for the socket loop");
    return nullptr;
  }
  const int opened = instance->loop_->open();
  if (opened < 0) {
    delete instance;
    napi_throw_error(env, "EMFILE",
                     "ics-wsocket: the kernel refused an event queue (descriptor limit?)");
    return nullptr;
  }
  napi_add_async_cleanup_hook(env, cleanupHook, instance, &instance->hook_);
  return instance;
}

Instance::~Instance() = default;

bool Instance::shareMemory() {
  void* words = nullptr;
  void* stops = nullptr;
  void* totals = nullptr;
  napi_value buffer;
  if (napi_create_arraybuffer(env_, EventQueue::kWords * sizeof(int32_t), &words, &buffer) !=
          napi_ok ||
      napi_create_reference(env_, buffer, 1, &words_) != napi_ok ||
      napi_create_arraybuffer(env_, Loop::kLineBatch * sizeof(int32_t), &stops, &buffer) !=
          napi_ok ||
      napi_create_reference(env_, buffer, 1, &stops_) != napi_ok ||
      napi_create_arraybuffer(env_, sizeof(Totals), &totals, &buffer) != napi_ok ||
      napi_create_reference(env_, buffer, 1, &totals_) != napi_ok)
    return false;
  loop_.reset(new (std::nothrow) Loop(static_cast<int32_t*>(words), static_cast<int32_t*>(stops),
                                      *new (totals) Totals()));
  return loop_ != nullptr;
}

napi_value Instance::start(napi_value dispatch) {
  napi_value result, buffer, words, stops, totals, name;
  napi_create_object(env_, &result);
  napi_get_reference_value(env_, words_, &buffer);
  napi_create_typedarray(env_, napi_int32_array, EventQueue::kWords, buffer, 0, &words);
  napi_get_reference_value(env_, stops_, &buffer);
  napi_create_typedarray(env_, napi_int32_array, Loop::kLineBatch, buffer, 0, &stops);
  napi_get_reference_value(env_, totals_, &buffer);
  napi_create_typedarray(env_, napi_float64_array, sizeof(Totals) / sizeof(double), buffer, 0,
                         &totals);
  napi_set_named_property(env_, result, "events", words);
  napi_set_named_property(env_, result, "stops", stops);
  napi_set_named_property(env_, result, "totals", totals);
  if (!dispatch_) {
    napi_create_reference(env_, dispatch, 1, &dispatch_);
    napi_create_string_utf8(env_, "ics-wsocket", NAPI_AUTO_LENGTH, &name);
    napi_async_init(env_, nullptr, name, &context_);
    attachToNodeLoop();
  }
  return result;
}

bool Instance::attachToNodeLoop() {
  uv_loop_s* loop = uv::available() ? nodeLoopOf(env_) : nullptr;
  if (!loop || loop_->pollDescriptor() < 0) return false;
  poll_ = static_cast<uv_handle_s*>(std::calloc(1, uv_handle_size(uv::kPollHandle)));
  timer_ = static_cast<uv_handle_s*>(std::calloc(1, uv_handle_size(uv::kTimerHandle)));
  if (!poll_ || !timer_ || uv_poll_init(loop, poll_, loop_->pollDescriptor()) != 0) {
    std::free(poll_);
    std::free(timer_);
    poll_ = timer_ = nullptr;
    return false;
  }
  uv_timer_init(loop, timer_);
  openHandles_ = 2;
  uv_handle_set_data(poll_, this);
  uv_handle_set_data(timer_, this);
  uv_poll_start(poll_, uv::kReadable, readableCallback);
  uv_unref(poll_);
  uv_unref(timer_);
  return true;
}

void Instance::setReferenced(bool referenced) {
  if (!poll_ || referenced == referenced_) return;
  referenced_ = referenced;
  referenced ? uv_ref(poll_) : uv_unref(poll_);
}

void Instance::setTimer(double milliseconds) {
  if (!timer_) return;
  if (milliseconds < 0) {
    uv_timer_stop(timer_);
    return;
  }
  // Node's idea of "now" is as old as its turn; without this a timer could be due too early.
  if (uv_loop_s* loop = nodeLoopOf(env_)) uv_update_time(loop);
  uv_timer_start(timer_, timerCallback, static_cast<uint64_t>(milliseconds), 0);
}

void Instance::readableCallback(uv_handle_s* handle, int, int) {
  static_cast<Instance*>(uv_handle_get_data(handle))->onReadable();
}

void Instance::timerCallback(uv_handle_s* handle) {
  Instance* instance = static_cast<Instance*>(uv_handle_get_data(handle));
  if (!instance->driving_) instance->dispatch();
}

void Instance::onReadable() {
  if (driving_) return;  // the MessageLoop that drives Node's loop dispatches by itself
  if (loop_->poll(0) > 0) dispatch();
  if (spinMicroseconds_ == 0) return;
  const uint64_t begin = sys::monotonicMicroseconds();
  uint64_t lastEvent = begin;
  for (uint64_t now = begin; now - lastEvent < spinMicroseconds_ && now - begin < kSpinTurnLimit;
       now = sys::monotonicMicroseconds()) {
    if (loop_->poll(0) <= 0) continue;
    dispatch();
    lastEvent = sys::monotonicMicroseconds();
  }
}

// The one crossing of a turn. The dispatcher catches what handlers throw; if something escapes it
// nevertheless, the process hears of it as an uncaught exception instead of losing it.
void Instance::dispatch() {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value function, global, result;
  if (napi_get_reference_value(env_, dispatch_, &function) == napi_ok &&
      napi_get_global(env_, &global) == napi_ok) {
    const napi_status status =
        napi_make_callback(env_, context_, global, function, 0, nullptr, &result);
    if (status == napi_pending_exception) {
      napi_value error;
      if (napi_get_and_clear_last_exception(env_, &error) == napi_ok)
        napi_fatal_exception(env_, error);
    }
  }
  napi_close_handle_scope(env_, scope);
}

int Instance::driveNodeLoop(int timeoutMs) {
  uv_loop_s* loop = poll_ ? nodeLoopOf(env_) : nullptr;
  if (!loop) return sys::waitReadable(loop_->pollDescriptor(), timeoutMs);
  // A loop without a referenced handle runs nothing and has a timeout of 0: while a MessageLoop
  // drives it, our watcher counts even if no socket does.
  uv_ref(poll_);
  driving_ = true;
  uv_run(loop, uv::kRunNoWait);
  driving_ = false;
  uv_ref(poll_);  // a callback may have called setReferenced()
  int wait = uv_backend_timeout(loop);
  if (!referenced_) uv_unref(poll_);
  if (timeoutMs >= 0) wait = wait < 0 ? timeoutMs : std::min(wait, timeoutMs);
  if (loop_->hasListed()) return 0;
  return sys::waitReadable(uv_backend_fd(loop), wait);
}

void Instance::cleanupHook(napi_async_cleanup_hook_handle hook, void* data) {
  static_cast<Instance*>(data)->beginEnd(hook);
}

void Instance::beginEnd(napi_async_cleanup_hook_handle hook) {
  hook_ = hook;
  for (const napi_ref reference : {words_, stops_, totals_, dispatch_})
    if (reference) napi_delete_reference(env_, reference);
  if (context_) napi_async_destroy(env_, context_);
  if (openHandles_ == 0) {
    handleClosed();
    return;
  }
  uv_close(poll_, closedCallback);
  uv_close(timer_, closedCallback);
  loop_.reset();  // after uv_close: libuv still looks at the descriptor there
}

void Instance::closedCallback(uv_handle_s* handle) {
  Instance* instance = static_cast<Instance*>(uv_handle_get_data(handle));
  std::free(handle);
  if (--instance->openHandles_ == 0) instance->handleClosed();
}

void Instance::handleClosed() {
  napi_async_cleanup_hook_handle hook = hook_;
  delete this;
  napi_remove_async_cleanup_hook(hook);
}

}  // namespace ics
