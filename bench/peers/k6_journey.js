// The benchmark's journey for k6: one iteration is one journey. With HOLD set the connection is kept instead.
import ws from 'k6/ws';

const url = `ws://127.0.0.1:${__ENV.PORT}/ws`;
const token = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LWs2In0.bm90IGEgc2lnbmF0dXJl';
const headers = { Authorization: `Bearer ${token}`, 'Sec-WebSocket-Protocol': 'jwt-auth' };
const holdMilliseconds = 600000;

export default function journey() {
    ws.connect(url, { headers }, (socket) => {
        socket.on('message', (text) => {
            const frame = JSON.parse(text);
            if (frame.type === 'connection_established') {
                if (__ENV.HOLD) socket.setTimeout(() => socket.close(1000), holdMilliseconds);
                else socket.send(JSON.stringify({ type: 'start_agent', payload: {
                    user_request: `k6-${__VU}-${__ITER} please`, thread_id: null, settings: {} } }));
            } else if (frame.type === 'agent_completed') {
                socket.close(1000);
            }
        });
    });
}
