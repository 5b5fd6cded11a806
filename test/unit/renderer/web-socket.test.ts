// The window's end of a wire, by the WebSocket of Node, which is that of browsers.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { webSocketTransport } from '../../../src/main/hosts/localhost/web-socket.ts';
import { connectWebSocket } from '../../../src/renderer/connection/web-socket.ts';

const LONG_MS = 600_000;

const addressOf = (server: Server | WebSocketServer): string =>
  `ws://127.0.0.1:${(server.address() as AddressInfo).port}/wire`;

/** A program that takes connections and says nothing. */
async function silent(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  return addressOf(server);
}

describe('a window', () => {
  it('connects, and hears and says messages', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    server.once('connection', (socket) => {
      const far = webSocketTransport(socket);
      far.onMessage((message) => far.send(['heard', message]));
    });
    const near = await connectWebSocket(addressOf(server), LONG_MS);
    const heard = new Promise((resolve) => near.onMessage(resolve));
    near.send({ scores: Float32Array.of(0.5) });
    expect(await heard).toEqual(['heard', { scores: Float32Array.of(0.5) }]);
    const closed = new Promise<void>((resolve) => near.onClose(resolve));
    near.close();
    await closed;
  });

  it('waits no longer than its patience lasts for a program that does not answer', async () => {
    await expect(connectWebSocket(await silent(), 50)).rejects.toThrow('does not answer');
  });

  it('does not wait where there is nobody', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = addressOf(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(connectWebSocket(address, LONG_MS)).rejects.toThrow('does not answer');
  });
});
