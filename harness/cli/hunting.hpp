// What `wsrace hunt` and `wsrace shrink` have in common: a plan that fails becomes a reproducer.
#pragma once

#include "explore/reproducer_file.hpp"
#include "explore/shrink.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace wsrace::cli {

constexpr auto least_budget = std::chrono::seconds{1}; // of a hunt, and of shrinking

struct ShrinkRequest {
    PlanPlayer& player;
    std::uint64_t seed = 0;
    std::optional<Duration> budget;
    std::filesystem::path folder; // of the reproducer; made
    bool quiet = false;
};

// Shrinks, shows how it goes, and writes the reproducer, with one failing run of it beside it (its timeline
// is in timeline.md), if it was seen to fail.
Shrunk shrink_to_reproducer(const ShrinkRequest& request, const Replay& replay);

// Lines on what failed instead of the failure that was asked about; empty: nothing did.
std::string others_text(const std::map<std::string, std::uint64_t>& otherwise);

// One line that changes on a terminal; elsewhere a plain line now and then.
class StatusLine {
public:
    explicit StatusLine(bool quiet);
    void show(const std::string& text);
    void finish();

private:
    bool quiet_;
    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point last_{};
};

} // namespace wsrace::cli
