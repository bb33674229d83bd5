// What is to be done when the server is ready.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace wsrace::reference {

// Any thread.
class WaitingList {
public:
    using Entry = std::function<void()>;

    // The list does not own its entries: who has left is not called.
    void join(const std::shared_ptr<Entry>& entry);

    // Calls the entries that are still there, and forgets all.
    void call_all();

private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<Entry>> entries_;
};

} // namespace wsrace::reference
