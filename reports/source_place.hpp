// Places in source files, as sanitizers, runtimes and compilers write them into a program's output.
#pragma once

#include "core/history.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct SourcePlace {
    std::string path; // as it was written: absolute, or relative to whatever the target was built in
    std::uint32_t line = 0;
    std::uint32_t column = 0; // 0: not said

    bool operator==(const SourcePlace&) const = default;
};

// The places that one line names: "/src/a.cpp:42:7", `File "/app/server.py", line 42`, "/src/a.go:42 +0x1d",
// "(file:///app/server.mjs:42:7)". Only files whose ending is that of a programming language: a time of day
// or a host with its port is none.
std::vector<SourcePlace> source_places(std::string_view line);

// The places that the evidence of a violation names, each once, the one to look at first in front: the
// innermost of a Python traceback, else the first that was written; the target's own files before those of
// libraries. A line that only announces a stack ("Traceback ...", "panic: ...") is followed by it in the
// history: there it is looked up.
std::vector<SourcePlace> source_places(const History& history, const std::vector<std::uint32_t>& evidence);

} // namespace wsrace
