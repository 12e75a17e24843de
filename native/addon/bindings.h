// The functions JavaScript calls once per listener, property or connection at most: comfort
// before speed, so they use node-addon-api. Results as in hotPath.h.
#pragma once

#include <napi.h>

namespace ics {

class Instance;

void exportBindings(Napi::Env env, Napi::Object exports, Instance* instance);

}  // namespace ics
