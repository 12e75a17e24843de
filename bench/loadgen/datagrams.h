// Mode "datagrams"; see datagrams.cc.
#pragma once

#include "common.h"

namespace loadgen {

// Runs the mode and prints its JSON line.
void runDatagrams(const Options& options);

}  // namespace loadgen
