// How the window reaches the program: in Electron by ports that it is handed, in a browser by a socket.
import type { Transport } from '../../main/contract/transport.ts';
import { askForPort, portTransport } from './message-port.ts';
import { connectWebSocket } from './web-socket.ts';

/** A wire that is not open yet: the address of a socket, or a port. It can be given to a worker; a port must be handed over. */
export type WireEnd = string | MessagePort;

/** Gets another wire; rejects where nobody gives one. */
export type NewWire = () => Promise<WireEnd>;

/** What this window gets its wires from. */
export function newWireOf(page: Window): NewWire {
  const { mien: handover, location } = page;
  if (handover) return () => askForPort(handover);
  return () => Promise.resolve(`${location.origin.replace('http', 'ws')}/wire`);
}

/** Opens a wire; rejects when there is nobody, nobody who lets us in, or no answer. */
export function openWire(end: WireEnd): Promise<Transport> {
  return typeof end === 'string' ? connectWebSocket(end) : Promise.resolve(portTransport(end));
}
