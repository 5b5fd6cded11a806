// The wire between a window and the program behind it: messages in order, both ways, until one side closes.

/**
 * One end of an open wire. Messages are plain values: objects, arrays, strings, numbers, booleans, null, and Float32Array,
 * Float64Array and Uint8Array. There is one listener of each kind.
 */
export interface Transport {
  /** Sends a message; one that is sent after the wire has closed goes nowhere. */
  send(message: unknown): void;
  /** Sets who hears the messages of the other end, from the first one on. */
  onMessage(listener: (message: unknown) => void): void;
  /** Sets who hears, once, that the wire is closed, by whichever end. */
  onClose(listener: () => void): void;
  close(): void;
}

/** Two ends in one process; `copy` makes of a message what the other end gets. */
export function inMemoryWire(copy: (message: unknown) => unknown): readonly [Transport, Transport] {
  let isOpen = true;
  const ends = [new Listeners(), new Listeners()] as const;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const end of ends) end.closed();
  };
  const endOf = (own: Listeners, other: Listeners): Transport => ({
    send: (message) => {
      const sent = copy(message);
      void Promise.resolve().then(() => isOpen && other.heard(sent));
    },
    onMessage: (listener) => (own.heard = listener),
    onClose: (listener) => (own.closed = listener),
    close,
  });
  return [endOf(ends[0], ends[1]), endOf(ends[1], ends[0])];
}

class Listeners {
  heard: (message: unknown) => void = () => undefined;
  closed: () => void = () => undefined;
}
