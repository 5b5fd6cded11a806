// The pages of the window have a scheme of their own: an origin with the rights of a secure one, and none of those of files.
import { protocol, type Protocol } from 'electron';
import type { Assets } from '../service/assets.ts';
import { pageHeaders } from '../service/page-headers.ts';

const SCHEME = 'mien';
const HOST = 'app';

/** The address of the page. */
export const PAGE = `${SCHEME}://${HOST}/`;

/** To be called before the application is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Whether an address, or an origin, is one of ours. */
export function isOwn(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === `${SCHEME}:` && url.host === HOST;
}

/** Answers a session's requests for our pages; what is not among `assets` cannot be asked for. */
export function servePages(of: Protocol, assets: Assets): void {
  of.handle(SCHEME, ({ method, url }) => {
    const headers = pageHeaders();
    const asset = isOwn(url) && method === 'GET' ? assets.get(new URL(url).pathname) : undefined;
    if (!asset) return new Response('There is no such page.\n', { status: 404, headers });
    return new Response(Uint8Array.from(asset.bytes), { headers: { ...headers, 'Content-Type': asset.type } });
  });
}
