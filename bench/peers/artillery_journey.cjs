'use strict';
// The first journey uses the connection that Artillery's engine has opened; the engine cannot open a second
// one, so later journeys of the same user open theirs here, with the same WebSocket class.

const token = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LWFydGlsbGVyeSJ9.bm90IGEgc2lnbmF0dXJl';
const holdMilliseconds = 600000;

function journey(socket, text) {
    return new Promise((resolve, reject) => {
        socket.on('error', reject);
        socket.on('close', (code) => (code === 1000 ? resolve() : reject(new Error(`closed with ${code}`))));
        socket.on('message', (data) => {
            const frame = JSON.parse(data);
            if (frame.type === 'connection_established') {
                if (process.env.HOLD) setTimeout(() => socket.close(1000), holdMilliseconds);
                else socket.send(JSON.stringify({ type: 'start_agent', payload: {
                    user_request: text, thread_id: null, settings: {} } }));
            } else if (frame.type === 'agent_completed') {
                socket.close(1000);
            }
        });
    });
}

async function journeys(context) {
    const first = context.ws;
    const WebSocket = first.constructor;
    const options = { headers: { Authorization: `Bearer ${token}` } };
    for (let number = 0; number < Number(process.env.EACH); ++number) {
        const socket = number === 0 ? first : new WebSocket(first.url, ['jwt-auth'], options);
        await journey(socket, `artillery-${number} please`);
    }
}

module.exports = { journeys };
