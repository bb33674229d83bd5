// What a hunt or a shrink hands over: a folder with the reproducer and what makes it useful to others.
#pragma once

#include "explore/reproducer_file.hpp"

#include <filesystem>
#include <string_view>

namespace wsrace {

// Writes into `folder`, which is made: reproducer.json; reproduce.sh, the same in a shell script that needs
// no other file; reproducer_test.cpp, a Catch2 test. Throws std::runtime_error if the disk does not take it.
void write_reproducer(const std::filesystem::path& folder, const Replay& replay, std::string_view version);

} // namespace wsrace
