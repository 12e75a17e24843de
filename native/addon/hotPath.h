// The functions JavaScript calls for every connection, message or line. Plain Node-API callbacks:
// a wrapper class costs as much as the work itself here.
//
// Every one answers with a value (>= 0, or -errno) and never throws; arguments were checked by the
// classes above, wrong ones answer -EINVAL.
#pragma once

#include <node_api.h>

namespace ics {

class Instance;

bool exportHotPath(napi_env env, napi_value exports, Instance* instance);

}  // namespace ics
