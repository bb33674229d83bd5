#include "scenario/profile_files.hpp"

#include "scenario/data_folders.hpp"
#include "scenario/profile_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

namespace fs = std::filesystem;
using Folders = std::vector<fs::path>;

std::optional<fs::path> find_profile(const std::string& profile, const Folders& folders)
{
    const bool is_path = profile.find('/') != std::string::npos || profile.ends_with(".json");
    const fs::path file = is_path ? profile : profile + ".json";
    Folders places = folders;
    if (is_path) places.emplace_back(); // as it is, from the working directory
    for (const fs::path& folder : places) {
        std::error_code ignored;
        if (fs::is_regular_file(folder / file, ignored)) return folder / file;
    }
    return std::nullopt;
}

std::string no_such_profile(const std::string& profile, const Folders& folders)
{
    const std::vector<std::string> names = json_files(folders);
    return unknown_name("profile", profile, {names.begin(), names.end()});
}

// Reads the file, and first the one that it extends, into `profile`. `chain` holds the files that are being
// read.
bool read_layers(const fs::path& file, const Folders& folders, Folders& chain, ResolvedProfile& resolved,
                 std::vector<Problem>& problems);

// Lays the object's fields over what was read before. A merge patch does with the documents (RFC 7396) what
// reading one after the other does with the profile.
void read_layer(JsonObject& object, ResolvedProfile& resolved)
{
    read_profile_fields(object, resolved.profile);
    Json layer = object.node().value();
    if (!layer.is_object()) return;
    layer.erase("extends");
    layer.erase("$schema");
    if (layer.contains("run_events") && resolved.document.is_object())
        resolved.document.erase("run_events"); // which is not merged
    resolved.document.merge_patch(layer);
}

// What the object extends, if anything.
bool read_base(JsonObject& object, const Folders& folders, Folders& chain, ResolvedProfile& resolved)
{
    const auto extends = object.find("extends");
    if (!extends) return true;
    const auto base = extends->word();
    if (!base) return false;
    const auto file = find_profile(*base, folders);
    if (!file) {
        extends->mistake(no_such_profile(*base, folders));
        return false;
    }
    std::error_code ignored;
    const bool again = std::any_of(chain.begin(), chain.end(), [&](const fs::path& open) {
        return fs::equivalent(open, *file, ignored);
    });
    if (again) {
        extends->mistake(fmt::format("\"{}\" extends itself in the end", *base));
        return false;
    }
    return read_layers(*file, folders, chain, resolved, extends->mistakes().problems());
}

bool read_layers(const fs::path& file, const Folders& folders, Folders& chain, ResolvedProfile& resolved,
                 std::vector<Problem>& problems)
{
    const std::size_t before = problems.size();
    Mistakes mistakes(file.string(), problems);
    const auto text = read_text_file(file);
    if (!text) {
        mistakes.add("", "cannot be read");
        return false;
    }
    const auto document = parse_strict_json(*text, mistakes);
    if (!document) return false;
    JsonObject object(JsonNode(*document, "$", mistakes), "a profile");
    Folders nearer{file.parent_path()};
    nearer.insert(nearer.end(), folders.begin(), folders.end());
    chain.push_back(file);
    const bool based = read_base(object, nearer, chain, resolved);
    chain.pop_back();
    object.require("name", "what reports call this profile");
    read_layer(object, resolved);
    return based && problems.size() == before;
}

} // namespace

std::optional<ResolvedProfile> read_profile(const JsonNode& node, const Folders& search_path)
{
    const std::size_t before = node.mistakes().problems().size();
    ResolvedProfile resolved;
    Folders chain;
    bool based = true;
    if (node.value().is_object()) {
        JsonObject object(node, "a profile");
        based = read_base(object, search_path, chain, resolved);
        read_layer(object, resolved);
    } else if (node.value().is_string()) {
        const auto file = find_profile(node.value().get<std::string>(), search_path);
        if (!file) node.mistake(no_such_profile(node.value().get<std::string>(), search_path));
        based = file && read_layers(*file, search_path, chain, resolved, node.mistakes().problems());
    } else {
        node.expected("a profile: its name, its file, or an object with \"extends\" and what differs");
    }
    if (based && node.mistakes().problems().size() == before) check_profile(node, resolved.profile);
    if (node.mistakes().problems().size() != before) return std::nullopt;
    return resolved;
}

std::optional<Profile> load_profile(const std::string& profile, const Folders& search_path,
                                    std::vector<Problem>& problems)
{
    const Json named = profile;
    Mistakes mistakes(profile, problems);
    auto resolved = read_profile(JsonNode(named, "$", mistakes), search_path);
    if (!resolved) return std::nullopt;
    return std::move(resolved->profile);
}

} // namespace wsrace
