#include "support/source_folder.hpp"

namespace wsrace {

std::filesystem::path source_folder() { return WSRACE_SOURCE_DIR; }

} // namespace wsrace
