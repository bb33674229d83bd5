// Without libFuzzer: looks at every file that is named, and at every file of every folder.
#include "fuzz/target.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& given)
{
    if (!fs::is_directory(given)) return {given};
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator{given})
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string read(const fs::path& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error{file.string() + ": cannot be read"};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

int main(int count, char** arguments)
{
    try {
        std::size_t looked_at = 0;
        for (int i = 1; i < count; ++i) {
            for (const auto& file : files_of(arguments[i])) {
                std::fprintf(stderr, "%s\n", file.c_str()); // the last one named is the one that fails
                wsrace::fuzz::look_at(read(file));
                ++looked_at;
            }
        }
        std::fprintf(stderr, "%zu inputs\n", looked_at);
        return looked_at == 0 ? 2 : 0; // an empty corpus proves nothing
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
