#include "core/comparison.hpp"

namespace wsrace {

std::string_view name(Standing standing)
{
    switch (standing) {
    case Standing::same: return "same";
    case Standing::worse: return "worse";
    case Standing::better: return "better";
    case Standing::small: return "small";
    case Standing::within_spread: return "within spread";
    case Standing::too_few: return "too few";
    }
    return "";
}

std::string_view name(ComparedRow::Kind kind)
{
    switch (kind) {
    case ComparedRow::Kind::latency: return "latency";
    case ComparedRow::Kind::tail: return "tail";
    case ComparedRow::Kind::rate: return "rate";
    case ComparedRow::Kind::execution: return "execution";
    case ComparedRow::Kind::signature: return "signature";
    }
    return "";
}

std::string_view name(Comparison::Outcome outcome)
{
    switch (outcome) {
    case Comparison::Outcome::no_regression: return "no regression";
    case Comparison::Outcome::regression: return "regression";
    case Comparison::Outcome::inconclusive: return "inconclusive";
    }
    return "";
}

int exit_status(Comparison::Outcome outcome)
{
    switch (outcome) {
    case Comparison::Outcome::no_regression: return 0;
    case Comparison::Outcome::regression: return 1;
    case Comparison::Outcome::inconclusive: break;
    }
    return 3;
}

} // namespace wsrace
