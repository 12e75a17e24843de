// Modes "echo" and "lines"; see traffic.cc.
#pragma once

#include "common.h"

namespace loadgen {

// Runs the mode and prints its JSON line.
void runTraffic(const Options& options);

}  // namespace loadgen
