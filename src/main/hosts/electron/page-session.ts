// What the window may do: ask for our pages and for the camera, nothing else. Its session lives in memory; nothing of what is
// seen in the window is written to the disk.
import { session, systemPreferences, type Session } from 'electron';
import type { Assets } from '../service/assets.ts';
import { isOwn, servePages } from './page-scheme.ts';

/** Without "persist:" in front, Electron keeps such a session in memory. */
const PARTITION = 'window';

/** The session of the window; `data` is the data folder. Everything is set before a page can be loaded in it. */
export async function openPageSession(assets: Assets, data: string): Promise<Session> {
  const pages = session.fromPartition(PARTITION);
  servePages(pages.protocol, assets, data);
  refuseRequests(pages);
  allowTheCamera(pages);
  pages.setSpellCheckerEnabled(false); // it fetches dictionaries
  await pages.setProxy({ mode: 'direct' }); // a proxy is looked for in the network
  return pages;
}

/** No request leaves the machine, whatever makes it. */
function refuseRequests(pages: Session): void {
  pages.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isFromHere(url) }));
  pages.on('will-download', (event) => event.preventDefault());
}

/** Our pages, and what they have made themselves. */
function isFromHere(url: string): boolean {
  if (url.startsWith('data:')) return true;
  return isOwn(url.startsWith('blob:') ? url.slice('blob:'.length) : url);
}

/** Our pages get the camera, without its sound; they are not asked, and get nothing else. */
function allowTheCamera(pages: Session): void {
  pages.setPermissionCheckHandler((_, permission, origin, { mediaType }) => {
    return permission === 'media' && mediaType === 'video' && isOwn(origin);
  });
  pages.setPermissionRequestHandler((_, permission, answer, details) => {
    const types = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const isCamera = permission === 'media' && types.length > 0 && types.every((type) => type === 'video');
    if (!isCamera || !isOwn(details.requestingUrl)) answer(false);
    else allowedBySystem().then(answer, () => answer(false));
  });
  pages.setDevicePermissionHandler(() => false);
}

/** macOS asks its user once for each application; other systems refuse when the camera is opened. */
function allowedBySystem(): Promise<boolean> {
  return process.platform === 'darwin' ? systemPreferences.askForMediaAccess('camera') : Promise.resolve(true);
}
