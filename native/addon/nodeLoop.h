// The few functions of the libuv inside the Node executable that the addon needs. Declared here,
// weak, because uv.h is in no header package; a runtime without them (Bun, Deno) leaves them null
// and the addon then works by pumping only.
#pragma once

#include <cstddef>
#include <cstdint>

struct uv_loop_s;
struct uv_handle_s;

extern "C" {
#define ICS_WEAK __attribute__((weak))
ICS_WEAK size_t uv_handle_size(int type);
ICS_WEAK void uv_handle_set_data(uv_handle_s* handle, void* data);
ICS_WEAK void* uv_handle_get_data(const uv_handle_s* handle);
ICS_WEAK void uv_close(uv_handle_s* handle, void (*closed)(uv_handle_s*));
ICS_WEAK void uv_ref(uv_handle_s* handle);
ICS_WEAK void uv_unref(uv_handle_s* handle);
ICS_WEAK int uv_poll_init(uv_loop_s* loop, uv_handle_s* poll, int fd);
ICS_WEAK int uv_poll_start(uv_handle_s* poll, int events, void (*ready)(uv_handle_s*, int, int));
ICS_WEAK int uv_timer_init(uv_loop_s* loop, uv_handle_s* timer);
ICS_WEAK int uv_timer_start(uv_handle_s* timer, void (*due)(uv_handle_s*), uint64_t timeout,
                            uint64_t repeat);
ICS_WEAK int uv_timer_stop(uv_handle_s* timer);
ICS_WEAK void uv_update_time(uv_loop_s* loop);
ICS_WEAK int uv_run(uv_loop_s* loop, int mode);
ICS_WEAK int uv_backend_fd(const uv_loop_s* loop);
ICS_WEAK int uv_backend_timeout(const uv_loop_s* loop);
#undef ICS_WEAK
}

namespace ics::uv {

constexpr int kPollHandle = 8;    // UV_POLL
constexpr int kTimerHandle = 13;  // UV_TIMER
constexpr int kReadable = 1;      // UV_READABLE
constexpr int kRunNoWait = 2;     // UV_RUN_NOWAIT

inline bool available() {
  return uv_handle_size && uv_handle_set_data && uv_handle_get_data && uv_close && uv_ref &&
         uv_unref && uv_poll_init && uv_poll_start && uv_timer_init && uv_timer_start &&
         uv_timer_stop && uv_update_time && uv_run && uv_backend_fd && uv_backend_timeout;
}

}  // namespace ics::uv
