#include "explore/steering.hpp"

#include <algorithm>
#include <optional>

namespace wsrace {

namespace {

constexpr double least_factor = 0.05; // nothing is given up for having been seen often

struct Word {
    std::string text;
    StepType type;
};

constexpr std::string_view again = " again";

// As strategies name steps; those that coverage does not count are left out.
std::vector<Word> words_of(const std::vector<std::string_view>& texts,
                           std::optional<Moment> (*moment_of)(std::string_view))
{
    std::vector<Word> words;
    for (const auto text : texts) {
        const auto moment = moment_of(text);
        const auto type = moment ? step_type(*moment) : std::nullopt;
        if (!type) continue;
        words.push_back({std::string{text}, *type});
        words.push_back({std::string{text} + std::string{again},
                         *type == StepType::connect ? StepType::reopened : *type});
    }
    return words;
}

} // namespace

std::map<StepWords, double> steering(const CoverageMap& coverage)
{
    std::map<std::pair<StepType, StepType>, double> by_types;
    for (const auto& [pair, weight] : coverage.pair_weights()) {
        auto& one = by_types[{pair.first, pair.second}];
        auto& other = by_types[{pair.second, pair.first}];
        one = std::max(one, weight);
        other = std::max(other, weight);
    }
    std::map<StepWords, double> weights;
    for (const auto& waits : words_of(held_words(), held_moment))
        for (const auto& awaited : words_of(observed_words(), observed_moment)) {
            const auto known = by_types.find({waits.type, awaited.type});
            if (known != by_types.end())
                weights[{waits.text, awaited.text}] = std::max(least_factor, known->second);
        }
    return weights;
}

} // namespace wsrace
