#include "reports/whole_file.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, std::error_code error, const char* doing)
{
    throw std::system_error{error, file.string() + ": " + doing};
}

std::error_code last_error() { return {errno != 0 ? errno : EIO, std::generic_category()}; }

} // namespace

void write_whole(const fs::path& file, const std::string& text)
{
    auto partial = file;
    partial += ".partial";
    errno = 0;
    std::ofstream out{partial, std::ios::binary | std::ios::trunc};
    if (!out) fail(file, last_error(), "cannot be created");
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    std::error_code error;
    if (!out) {
        const auto reason = last_error();
        fs::remove(partial, error);
        fail(file, reason, "cannot be written");
    }
    fs::rename(partial, file, error);
    if (!error) return;
    const auto reason = error;
    fs::remove(partial, error);
    fail(file, reason, "cannot be replaced");
}

} // namespace wsrace
