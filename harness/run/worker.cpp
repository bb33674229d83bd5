#include "run/worker.hpp"

#include "run/meetings.hpp"
#include "run/message.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace wsrace {

namespace {

constexpr auto flush_interval = std::chrono::milliseconds{200};

std::vector<std::vector<std::string>> request_templates(const RunSetup& setup)
{
    std::vector<std::vector<std::string>> out;
    for (const auto& journey : setup.plan.journeys) {
        auto& of_journey = out.emplace_back();
        for (const auto& step : journey)
            of_journey.push_back(step.action == Action::request
                                     ? request_template(setup.scenario.profile, step)
                                     : std::string{});
    }
    return out;
}

} // namespace

// Lets users go at their time, in order, behind a single deadline.
struct Worker::Arrivals final : Deadline {
    explicit Arrivals(Worker& of) : worker{of}
    {
        for (const auto& user : worker.users_) waiting.push_back(user.get());
        std::stable_sort(waiting.begin(), waiting.end(), [](const User* a, const User* b) {
            return a->planned().arrival < b->planned().arrival;
        });
        wait();
    }
    ~Arrivals() { worker.deadlines_.disarm(*this); }

    Clock::time_point due() const { return worker.context_.anchor + waiting[next]->planned().arrival; }

    void wait()
    {
        if (next < waiting.size()) worker.deadlines_.arm(*this, due());
    }

    void on_deadline() override
    {
        const auto now = Clock::now();
        while (next < waiting.size() && (due() <= now || worker.interrupted_))
            worker.start_user(*waiting[next++]);
        wait();
    }

    Worker& worker;
    std::vector<User*> waiting;
    std::size_t next = 0;
};

// Bounds what a crash of the harness can lose.
struct Worker::Flush final : Deadline {
    explicit Flush(Worker& of) : worker{of} { worker.deadlines_.arm(*this, Clock::now() + flush_interval); }
    ~Flush() { worker.deadlines_.disarm(*this); }

    void on_deadline() override
    {
        worker.recorder_.writer().flush();
        worker.deadlines_.arm(*this, Clock::now() + flush_interval);
    }

    Worker& worker;
};

Worker::Worker(const RunSetup& setup, HistoryWriter writer, Meetings& meetings, std::size_t index,
               std::size_t count)
    : deadlines_{io_.get_executor()}, recorder_{std::move(writer), setup.start},
      scanner_{setup.scenario.profile}, context_{.scenario = setup.scenario,
                                                 .plan = setup.plan,
                                                 .target = setup.target,
                                                 .run = setup.info.run,
                                                 .anchor = setup.anchor,
                                                 .progress = setup.progress,
                                                 .deadlines = deadlines_,
                                                 .recorder = recorder_,
                                                 .scanner = scanner_,
                                                 .meetings = meetings,
                                                 .worker = index,
                                                 .requests = request_templates(setup)}
{
    meetings.attach(index, deadlines_, recorder_);
    for (auto i = index; i < setup.plan.users.size(); i += count)
        users_.push_back(std::make_unique<User>(context_, setup.plan.users[i]));
    for (const auto& user : users_) tabs_left_ += user->tabs().size();
}

Worker::~Worker() = default;

void Worker::run()
{
    if (tabs_left_ == 0) return recorder_.writer().complete();
    arrivals_ = std::make_unique<Arrivals>(*this);
    flush_ = std::make_unique<Flush>(*this);
    io_.run();
    if (tabs_left_ == 0)
        recorder_.writer().complete();
    else
        recorder_.writer().flush(); // halted
}

void Worker::start_user(User& user)
{
    Progress::add(context_.progress.arrived);
    if (interrupted_) user.interrupt();
    for (auto& tab : user.tabs())
        asio::co_spawn(io_, tab->walk(), [this](const std::exception_ptr& failure) { tab_done(failure); });
}

void Worker::tab_done(const std::exception_ptr& failure)
{
    if (failure) std::rethrow_exception(failure); // leaves run(): a programmer error or no memory
    if (--tabs_left_ > 0) return;
    arrivals_.reset();
    flush_.reset();
    deadlines_.shut_down();
}

void Worker::interrupt()
{
    asio::post(io_, [this] {
        if (interrupted_ || tabs_left_ == 0) return;
        interrupted_ = true;
        recorder_.writer().interrupted();
        for (auto& user : users_) user->interrupt();
        if (arrivals_) arrivals_->on_deadline(); // those who have not arrived yet end at once
    });
}

void Worker::halt() { io_.stop(); }

std::error_code Worker::history_error() const { return recorder_.writer().error(); }

} // namespace wsrace
