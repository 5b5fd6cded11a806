// Where Electron begins: what must be said before it is ready, and that there is one Mien at a time.
import { join } from 'node:path';
import { app } from 'electron';
import { makeFolder } from '../../platform/folders.ts';
import { createFiles } from '../../store/database.ts';
import { dataFolder } from '../compose.ts';
import { Application, fail } from './application.ts';
import { parseOptions } from './options.ts';
import { registerScheme } from './page-scheme.ts';

registerScheme();
const options = parseOptions(process.argv.slice(1));
const data = dataFolder(options.data);
try {
  claimFolder();
  if (app.requestSingleInstanceLock()) start();
  else app.quit();
} catch (error) {
  fail(error);
}

/** What Electron keeps lies beside the sessions, so that there is one Mien for each folder of them. Throws store_unusable. */
function claimFolder(): void {
  createFiles(data);
  const own = join(data, 'window');
  makeFolder(own, 0o700);
  app.setPath('userData', own);
}

function start(): void {
  app.enableSandbox();
  const started = app.whenReady().then(() => Application.start({ ...options, data }));
  app.on('second-instance', () => {
    started.then(
      (application) => application.show(),
      () => undefined, // it ends, and says why
    );
  });
  started.catch(fail);
}
