// The state of a reduction (explore/reduction.hpp) and its stages.
#pragma once

#include "explore/feature_sampling.hpp"
#include "explore/reduction.hpp"

#include <map>

namespace wsrace {

class Reducer {
public:
    Reducer(const ElementLinks& links, const PlayElements& play, const ReductionOptions& options);
    Reduction run();

private:
    using Result = ReductionStep::Result;
    enum class Care : std::uint8_t { quick, thorough, strict };

    bool measure_whole();
    void sample();
    bool sample_once(FeatureSampling& sampling);
    bool drop_weak(const FeatureSampling& sampling);
    void delta_debug(Care care);
    void minimise();
    void confirm();
    Result measure_again();
    bool give_back();
    std::vector<std::size_t> screen();
    bool holds(const Keep& plan);
    void fall_back(double enough);
    void finish();

    std::optional<bool> play(const Keep& keep);
    bool spent(); // budget or time
    Result judge(const Keep& candidate, Care care);
    Result judge_quickly(const Keep& candidate, double beta);
    Result compare(const Keep& candidate, Trials& trials);
    Result attempt(const Keep& candidate, Care care);
    void note(Result result, const Keep& tried, const Trials& trials, std::uint64_t plays_before);
    static std::uint64_t plays_for(double failures, double rate, std::uint64_t most);
    std::uint64_t plays_to_confirm() const;
    double reference() const; // the rate that a candidate must not fall below
    std::vector<std::size_t> weakest_first(const Keep& except) const;

    const ElementLinks& links_;
    const PlayElements& oracle_;
    const ReductionOptions& options_;
    PlayBudget budget_;
    std::map<Keep, Trials> trials_; // of every plan that was played
    Keep whole_;
    Keep current_;
    std::vector<Keep> accepted_; // the whole, and every plan that was the current one since
    std::vector<double> scores_; // of the elements; higher is more needed
    ReductionStage stage_ = ReductionStage::replaying;
    bool cut_off_ = false; // a play was wanted that budget or time did not allow
    Reduction result_;
};

} // namespace wsrace
