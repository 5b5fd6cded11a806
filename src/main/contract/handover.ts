// How a window of Electron gets its wires. A page there cannot open a socket: it asks, and is handed message ports.

/** What such a window finds as `window.mien`; in a browser there is nothing. */
export interface Handover {
  /** Asks for a wire. It comes as a message of the window to itself, a {@link WireMessage} with one port. */
  askForWire(id: number): void;
  /** Where a File of the page lies, which the user has dropped or chosen; empty for one that lies nowhere. */
  pathOf(file: unknown): string;
}

/** Comes with the port of the wire that was asked for with this number. */
export interface WireMessage {
  readonly kind: 'wire';
  readonly id: number;
}

export const isWireMessage = (message: unknown): message is WireMessage =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'wire' && 'id' in message;
