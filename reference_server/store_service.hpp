// What is stored about threads and runs.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

// One thread at a time.
class StoreService {
public:
    // Answers {"call":"load"} and {"call":"save"}. Both name "user_id", "thread_id" and "run_id"; a save also
    // says in "events" how many the run has sent. Both are told how many other "runs" the thread has.
    boost::json::object answer(const boost::json::object& question);

private:
    using Thread = std::map<std::string, int>; // events by run

    Thread& thread_of(const boost::json::object& question);

    std::unordered_map<std::string, std::map<std::string, Thread>> by_user_;
};

} // namespace wsrace::reference
