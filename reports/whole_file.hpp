// Files that are there in full or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace wsrace {

// Whoever looks at the folder sees the old file or the whole new one, never a part: CI systems collect while
// we write. Throws std::system_error that names the file.
void write_whole(const std::filesystem::path& file, const std::string& text);

} // namespace wsrace
