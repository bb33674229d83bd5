// A file that outlives a crash in full or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace wsrace {

// By a temporary file of a name of its own beside it, fsync, rename, and fsync of the folder. Of several that
// write at once the last one to rename wins, and the file is one of them in full, never a mixture. Throws
// std::system_error that names the file and what could not be done; the old file is then untouched.
void write_durably(const std::filesystem::path& file, const std::string& text);

} // namespace wsrace
