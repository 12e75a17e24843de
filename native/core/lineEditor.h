// LineEdit and LineEcho (ICS: TCustomLineWSocket.EditLine): what a user types is edited while it
// arrives. BACKSPACE (8) removes the last character of the unfinished line, never a byte of a
// finished one; TAB (9) becomes spaces up to the next multiple of 8 of the line's column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "recvBuffer.h"

namespace ics {

// Appends `count` typed bytes to `buffer`, edited. With `echo` set, what the terminal must show is
// appended to it: each byte as processed, spaces for a TAB, "\b \b" for a BACKSPACE that removed
// something. The unfinished line begins behind the last lineEnd in the buffer, and behind its first
// `settled` bytes: the rest of a line that is being read. A lineEnd that is completed by the new
// bytes begins another one. False when out of memory.
bool editLine(RecvBuffer& buffer, BlockPool& pool, std::string_view lineEnd, const uint8_t* typed,
              size_t count, std::string* echo, size_t settled = 0);

}  // namespace ics
