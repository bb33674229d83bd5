// What the system knows about a socket's other end.
#pragma once

namespace wsrace::reference {

// Whether the peer has ended or reset the connection, also when what it said before has not been read yet.
bool peer_has_left(int descriptor);

} // namespace wsrace::reference
