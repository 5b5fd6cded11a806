// The window: a sandboxed page of ours that goes nowhere else.
import { fileURLToPath } from 'node:url';
import { BrowserWindow, dialog, type Session, type WebContents } from 'electron';
import { PAGE, isOwn } from './page-scheme.ts';

const PRELOAD = fileURLToPath(new URL('../../../../out/preload/preload.cjs', import.meta.url));

export interface WindowOptions {
  readonly session: Session;
  readonly isRecording: () => boolean;
}

/** Opens the window. It is shown when there is something to be seen. */
export function openWindow({ session, isRecording }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    ...{ width: 1280, height: 860, minWidth: 640, minHeight: 480, title: 'Mien', show: false },
    webPreferences: {
      ...{ session, preload: PRELOAD },
      ...{ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
      ...{ webviewTag: false, spellcheck: false },
      backgroundThrottling: !isRecording(),
    },
  });
  const contents = window.webContents;
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp'); // no request for pages: the session does not see it
  contents.on('will-prevent-unload', (event) => {
    if (!isRecording() || mayLeave(window)) event.preventDefault();
  });
  contents.on('render-process-gone', (_, { reason }) => {
    if (reason !== 'clean-exit') askForAnother(window);
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(PAGE).catch(() => undefined); // of a page that is gone before it is there, the window is closed
  return window;
}

/** Keeps contents, whatever they are shown in, on our page: nothing is opened, embedded or gone to. */
export function keepOnPage(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isOwn(event.url)) event.preventDefault();
  };
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
}

/** A page that records asks before it goes. */
function mayLeave(window: BrowserWindow): boolean {
  const choice = dialog.showMessageBoxSync(window, {
    type: 'warning',
    message: 'A recording is under way.',
    detail: 'Without the window no frames arrive. What has been recorded until now is kept.',
    buttons: ['Go on recording', 'Leave'],
    ...{ defaultId: 0, cancelId: 0 },
  });
  return choice === 1;
}

/** The page is gone; the engine, and what has been recorded, is not. */
function askForAnother(window: BrowserWindow): void {
  const choice = dialog.showMessageBoxSync(window, {
    type: 'error',
    message: 'The window stopped unexpectedly.',
    detail: 'What was recorded is kept.',
    buttons: ['Open it again', 'Close Mien'],
    ...{ defaultId: 0, cancelId: 1 },
  });
  if (choice === 0) window.webContents.reload();
  else window.destroy();
}
