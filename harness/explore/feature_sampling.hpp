// Which elements does a failure depend on? Random sub-plans, and for each element the association of its
// presence with the failure: statistical debugging (Liblit et al. 2005, "Scalable statistical bug isolation")
// by experiment instead of observation, since who is present is drawn. Where delta debugging asks one
// question at a time, every sub-plan asks about all elements at once; it takes about ln(elements) failures.
//
// The score of an element is a log likelihood ratio: "without it the failure is as good as gone" (a twentieth
// of the rate with it) against "it makes no difference". Elements that only make the failure somewhat
// likelier score low: whoever drops them has to test what is left.
//
// The share of elements that a sub-plan keeps is best at e^(-1/k) where the failure needs k elements: the
// failures that rule out most elements per play. k is estimated from how often sub-plans fail, the share
// stays between 0.5 and 0.8. Pure: the caller plays.
#pragma once

#include "core/random.hpp"
#include "explore/element_links.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

class FeatureSampling {
public:
    // `live`: the elements in question. `rate`: how often they fail all together, more than 0.
    FeatureSampling(const ElementLinks& links, Keep live, double rate, std::uint64_t seed);

    Keep next(); // a sub-plan to play: not empty, not all of `live` (unless it has one element only)
    void add(const Keep& sub_plan, bool failed);

    // Enough is known to tell apart what can be told apart; or it is not worth going on, since next to none
    // of the sub-plans fail: too many elements are needed at once.
    bool enough() const;
    bool hopeless() const;

    std::vector<double> scores() const; // for every element; 0 for those that are not live
    Keep suspects() const;              // the live ones that the failure seems to need, and what those need
    std::uint64_t plays() const { return sub_plans_.size(); }
    std::uint64_t failures() const { return failures_; }

private:
    struct SubPlan {
        Keep keep;
        bool failed = false;
    };
    double score(std::size_t element) const;
    double share() const; // of the elements that the next sub-plan keeps

    const ElementLinks& links_;
    Keep live_;
    double live_count_;
    double rate_;
    RandomEngine random_;
    std::vector<SubPlan> sub_plans_;
    std::uint64_t failures_ = 0;
};

} // namespace wsrace
