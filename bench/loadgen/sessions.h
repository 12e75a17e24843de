// Modes "churn", "burst" and "idle"; see sessions.cc.
#pragma once

#include "common.h"

namespace loadgen {

// Each runs its mode and prints its JSON line.
void runChurn(const Options& options);
void runBurst(const Options& options);
void runIdle(const Options& options);

}  // namespace loadgen
