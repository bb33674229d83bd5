// A reset that is sent at once.
#pragma once

namespace wsrace {

// Ends a TCP connection by an RST, by its descriptor, which stays open. With SO_LINGER the RST is sent by the
// last close(), and while a server is being spawned, between fork and exec, its process holds every
// descriptor of ours, too: a reset could be sent a millisecond late, behind whatever the user does next.
// Dissolving the association (connect(2), AF_UNSPEC) does not wait for that. What has not been read is
// discarded.
void send_reset(int descriptor);

} // namespace wsrace
