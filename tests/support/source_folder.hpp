// Where the project's files are, for tests that read them.
#pragma once

#include <filesystem>

namespace wsrace {

std::filesystem::path source_folder();

} // namespace wsrace
