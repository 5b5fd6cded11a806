// Who may talk to the program over 127.0.0.1. Every program and every web page on this machine can reach the port; only the
// browser that was handed the address with the token gets in.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const SECRET_BYTES = 32;

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

function isSame(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export class Access {
  readonly #port: number;
  readonly #cookie = newSecret();
  #token: string | null = newSecret();

  constructor(port: number) {
    this.#port = port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The address that opens the program, once. */
  get url(): string {
    return `${this.origin}/open?token=${this.#token ?? ''}`;
  }

  /** The header that makes a browser known, for the right token; null for any other, and for the second time. */
  redeem(token: string): string | null {
    if (this.#token === null || !isSame(token, this.#token)) return null;
    this.#token = null;
    return `${this.#cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Makes a new token. */
  renew(): void {
    this.#token = newSecret();
  }

  /** Whether a request was meant for us: a page elsewhere may have its own name pointed at this machine. */
  isForUs({ headers }: IncomingMessage): boolean {
    return headers.host === `127.0.0.1:${this.#port}`;
  }

  /** Whether a request comes from our own page, as far as it says where it comes from. */
  isFromUs({ headers }: IncomingMessage): boolean {
    return headers.origin === this.origin;
  }

  isKnown({ headers }: IncomingMessage): boolean {
    return (headers.cookie ?? '').split('; ').some((pair) => {
      const at = pair.indexOf('=');
      return pair.slice(0, at) === this.#cookieName && isSame(pair.slice(at + 1), this.#cookie);
    });
  }

  /** Browsers keep cookies by host, not by port: two programs side by side must not take each other's. */
  get #cookieName(): string {
    return `mien-${this.#port}`;
  }
}
