// The search for cold-start windows, without a server: says where to place probes in the next boot, is told
// what became of them, and knows at any time what that amounts to. Deterministic for a seed.
//
// First the range is filled evenly (low_discrepancy.hpp). A bad outcome that stands alone is tried again
// around the same offset in later boots, until it has grown into a stretch or is dismissed as an outlier.
// Every edge between stretches gets probes at quantiles of its posterior (edge_posterior.hpp), widened by the
// jitter from boot to boot. An edge is where the deciding attempts were begun; where one side of it was
// decided at the login, the other side counts by its logins, too, or the login's duration would lie between
// them. Where users had no outcome the range is filled again. It ends when the range is filled, no bad
// outcome is unexplained, and the edges of all windows are known.
#pragma once

#include "core/random.hpp"
#include "explore/edge_posterior.hpp"
#include "explore/low_discrepancy.hpp"
#include "explore/probe.hpp"
#include "explore/segmentation.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

struct WindowSearchOptions {
    Duration from{};
    Duration until = std::chrono::seconds{5};
    std::uint32_t boots = 40;
    std::uint32_t probes = 0; // per boot; 0: as many as the range needs
    std::uint64_t seed = 0;
};

class WindowSearch {
public:
    explicit WindowSearch(const WindowSearchOptions& options);

    std::vector<Duration> next_boot(); // offsets, ascending
    void add(const std::vector<Probe>& probes);
    bool nothing_left() const;
    bool filled() const;      // no window of more than 5 ms can lie between two arrivals with an outcome
    bool unexplained() const; // failures that are neither a confirmed window nor dismissed as outliers

    const std::vector<Probe>& probes() const { return probes_; }                  // by offset
    const std::vector<ColdStartStretch>& stretches() const { return stretches_; } // all of the range
    std::vector<ColdStartStretch> windows() const; // bad and confirmed: in three boots or more
    std::uint32_t isolated_bad() const;            // bad outcomes outside of all windows

private:
    void analyse();
    void locate_edges();
    void join_mixed();
    bool is_mixed(std::size_t i) const;
    bool is_fuzz(std::size_t i) const;
    std::uint32_t boots_of(const Segment& segment) const; // in how many its outcome was seen
    EdgePosterior edge_between(const Segment& left, const Segment& right) const;
    EdgePosterior edge_between(const Segment& left, const Segment& right, bool by_login) const;
    std::vector<EdgePosterior> edges_in_order() const;
    void remember_arrivals(const std::vector<Probe>& probes);
    void fill_holes(std::vector<Duration>& places) const;
    std::vector<Duration> suspects() const;
    bool beside_an_edge(Duration at) const;
    bool dismissed(const Probe& suspect) const;
    void probe_edges(std::vector<Duration>& places);
    void probe_suspects(std::vector<Duration>& places) const;
    bool in_range(Duration place) const { return place >= options_.from && place <= options_.until; }

    WindowSearchOptions options_;
    GoldenSequence sequence_;
    RandomEngine random_;
    std::uint64_t placed_ = 0;  // in the boot that goes on, to fill the range
    std::uint64_t filling_ = 0; // of such probes, those that had an outcome
    std::uint64_t needed_ = 0;  // of them
    std::uint32_t boots_ = 0;
    std::vector<Probe> probes_;
    std::vector<Duration> arrivals_; // of users with an outcome; ascending
    std::vector<Segment> segments_;
    std::vector<EdgePosterior> edges_; // edge i is between segments i and i + 1
    std::vector<ColdStartStretch> stretches_;
};

} // namespace wsrace
