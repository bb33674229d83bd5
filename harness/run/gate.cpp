#include "run/gate.hpp"

#include "run/undisturbed.hpp"

#include <boost/asio/post.hpp>

#include <string>

namespace wsrace {

namespace {

Clock::time_point to_time(Clock::time_point::rep since_epoch)
{
    return Clock::time_point{Clock::duration{since_epoch}};
}

} // namespace

// One worker's. Used on its thread only, but for what attach() sets before there are threads.
struct Gate::Side final : Deadline {
    Side(Gate& of, std::size_t number) : gate{of}, worker{number} {}
    ~Side()
    {
        if (deadlines != nullptr) deadlines->disarm(*this);
    }

    void on_deadline() override { gate.open(worker); }

    void let_go(Clock::time_point opened)
    {
        is_open = true;
        deadlines->disarm(*this);
        release(opened);
        while (!seats.empty()) {
            auto& seat = seats.front();
            seats.pop_front();
            seat.gone();
        }
    }

    void release(Clock::time_point opened)
    {
        const Undisturbed undisturbed;
        for (auto& seat : seats) seat.go(opened);
    }

    Gate& gate;
    std::size_t worker;
    DeadlineQueue* deadlines = nullptr;
    Recorder* recorder = nullptr;
    boost::intrusive::list<Seat, boost::intrusive::constant_time_size<false>> seats;
    bool is_open = false;
};

Gate::Gate(const PlannedGate& planned, std::size_t workers)
    : planned_{planned}, outstanding_{static_cast<std::uint32_t>(planned.members.size())}, first_{0}, opened_{
                                                                                                          0}
{
    for (std::size_t worker = 0; worker < workers; ++worker)
        sides_.push_back(std::make_unique<Side>(*this, worker));
}

Gate::~Gate() = default;

void Gate::attach(std::size_t worker, DeadlineQueue& deadlines, Recorder& recorder)
{
    sides_[worker]->deadlines = &deadlines;
    sides_[worker]->recorder = &recorder;
}

// A worker that has not been told yet takes one more in: the seat is there when the message comes.
bool Gate::arrive(Seat& seat, std::size_t worker)
{
    auto& side = *sides_[worker];
    if (side.is_open) return false;
    const auto first_here = side.seats.empty();
    side.seats.push_back(seat);
    Clock::time_point::rep first = 0;
    const auto now = Clock::now().time_since_epoch().count();
    if (first_.compare_exchange_strong(first, now)) first = now;
    if (first_here) side.deadlines->arm(side, to_time(first) + planned_.within);
    one_less(worker);
    return true;
}

void Gate::leave(std::size_t worker) { one_less(worker); }

void Gate::one_less(std::size_t worker)
{
    if (outstanding_.fetch_sub(1) == 1) open(worker);
}

// By whoever is the last to come, or finds that time is up. Others are told first: it takes them longer.
void Gate::open(std::size_t worker)
{
    const auto now = Clock::now();
    Clock::time_point::rep closed = 0;
    if (!opened_.compare_exchange_strong(closed, now.time_since_epoch().count())) return;
    const auto missing = outstanding_.load();
    for (auto& side : sides_)
        if (side->worker != worker)
            asio::post(side->deadlines->executor(), [&side = *side, now] { side.let_go(now); });
    auto& own = *sides_[worker];
    asio::post(own.deadlines->executor(), [&own, now] { own.let_go(now); });
    if (first_.load() == 0) return; // all have left: nobody is there to be let go
    auto event = this->event(*own.recorder, GateStep::opened, {}, now);
    event.user = no_user;
    event.value = static_cast<std::int32_t>(missing);
    own.recorder->append(event);
}

Clock::time_point Gate::opened() const { return to_time(opened_.load()); }

Event Gate::event(Recorder& recorder, GateStep step, const ConnectionId& connection,
                  Clock::time_point at) const
{
    auto event = recorder.event(EventKind::gate, connection, at);
    event.type = static_cast<std::uint8_t>(step);
    event.request = planned_.number;
    event.item = recorder.intern(std::to_string(planned_.group));
    return event;
}

} // namespace wsrace
