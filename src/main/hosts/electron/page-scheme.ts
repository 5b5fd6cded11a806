// The pages of the window have a scheme of their own: an origin with the rights of a secure one, and none of those of files.
import { protocol, type Protocol } from 'electron';
import { Readable } from 'node:stream';
import type { Assets } from '../service/assets.ts';
import { pageHeaders } from '../service/page-headers.ts';
import { answerVideo, isVideoPath } from '../service/video-requests.ts';

const SCHEME = 'mien';
const HOST = 'app';

/** The address of the page. */
export const PAGE = `${SCHEME}://${HOST}/`;

/** To be called before the application is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true }; // a player streams
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Whether an address, or an origin, is one of ours. */
export function isOwn(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === `${SCHEME}:` && url.host === HOST;
}

/** Answers a session's requests for our pages, and for videos in the data folder; what is not among those cannot be asked for. */
export function servePages(of: Protocol, assets: Assets, data: string): void {
  of.handle(SCHEME, async (request) => {
    const { method, url } = request;
    const headers = pageHeaders();
    if (isOwn(url) && method === 'GET' && isVideoPath(new URL(url).pathname)) return videoResponse(data, request);
    const asset = isOwn(url) && method === 'GET' ? assets.get(new URL(url).pathname) : undefined;
    if (!asset) return new Response('There is no such page.\n', { status: 404, headers });
    return new Response(Uint8Array.from(asset.bytes), { headers: { ...headers, 'Content-Type': asset.type } });
  });
}

async function videoResponse(data: string, { method, url, headers }: Request): Promise<Response> {
  const path = new URL(url).pathname;
  const { status, headers: said, body } = await answerVideo(data, { method, path, range: headers.get('Range') });
  const stream = body?.file.createReadStream({ start: body.range.first, end: body.range.last });
  const content = stream ? (Readable.toWeb(stream) as ReadableStream<Uint8Array>) : null;
  return new Response(content, { status, headers: { ...pageHeaders(), ...said } });
}
