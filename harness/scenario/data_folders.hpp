// The files that are shipped with the program, and files in general.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

// The names, without ".json", of the JSON files in these folders; each once, sorted.
std::vector<std::string> json_files(const std::vector<std::filesystem::path>& folders);

// A subfolder ("profiles", "scenarios") of each data folder.
std::vector<std::filesystem::path> data_subfolders(const std::string& name);

std::optional<std::string> read_text_file(const std::filesystem::path& file);

} // namespace wsrace
