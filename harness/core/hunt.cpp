#include "core/hunt.hpp"

#include "core/verdict.hpp"

namespace wsrace {

namespace {

constexpr int interrupted_status = 130;

} // namespace

int exit_status(const HuntReport& report)
{
    if (!report.failures.empty()) return exit_status(Verdict::fail);
    if (report.interrupted) return interrupted_status;
    return exit_status(report.problem.empty() ? Verdict::pass : Verdict::inconclusive);
}

} // namespace wsrace
