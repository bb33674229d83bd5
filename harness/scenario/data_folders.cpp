#include "scenario/data_folders.hpp"

#include "scenario/scenario.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

namespace wsrace {
namespace {

namespace fs = std::filesystem;

bool is_data_folder(const fs::path& folder)
{
    std::error_code ignored;
    return fs::is_regular_file(folder / "profiles" / "netra.json", ignored);
}

// bin/wsrace has ../share/wsrace; build/dev/harness/wsrace has the source tree above it.
std::optional<fs::path> beside_program()
{
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) return std::nullopt;
    for (fs::path folder = program.parent_path(); folder != folder.root_path();
         folder = folder.parent_path()) {
        if (is_data_folder(folder)) return folder;
        if (is_data_folder(folder / "share" / "wsrace")) return folder / "share" / "wsrace";
    }
    return std::nullopt;
}

} // namespace

std::vector<fs::path> data_folders()
{
    if (const char* const chosen = std::getenv("WSRACE_DATA"); chosen != nullptr && *chosen != '\0')
        return {chosen};
    std::vector<fs::path> folders;
    if (const auto folder = beside_program()) folders.push_back(*folder);
#ifdef WSRACE_DATA_FOLDER
    if (is_data_folder(WSRACE_DATA_FOLDER)) folders.emplace_back(WSRACE_DATA_FOLDER);
#endif
    return folders;
}

std::vector<fs::path> data_subfolders(const std::string& name)
{
    std::vector<fs::path> folders = data_folders();
    for (fs::path& folder : folders) folder /= name;
    return folders;
}

std::vector<std::string> json_files(const std::vector<fs::path>& folders)
{
    std::set<std::string> names;
    for (const fs::path& folder : folders) {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder, ignored))
            if (entry.path().extension() == ".json") names.insert(entry.path().stem());
    }
    return {names.begin(), names.end()};
}

std::optional<std::string> read_text_file(const fs::path& file)
{
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return std::nullopt;
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.is_open() || stream.bad()) return std::nullopt;
    return text;
}

} // namespace wsrace
