#include "reference_server/waiting_list.hpp"

namespace wsrace::reference {

void WaitingList::join(const std::shared_ptr<Entry>& entry)
{
    const std::lock_guard lock{mutex_};
    entries_.push_back(entry);
}

void WaitingList::call_all()
{
    std::vector<std::weak_ptr<Entry>> called;
    {
        const std::lock_guard lock{mutex_};
        called.swap(entries_);
    }
    for (const auto& reference : called) {
        if (const auto entry = reference.lock()) (*entry)();
    }
}

} // namespace wsrace::reference
